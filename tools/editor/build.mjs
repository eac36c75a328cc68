// Bundles the playbook editor into one file, with the licences of everything in it beside.
import { build } from "esbuild";
import { readFileSync, writeFileSync } from "node:fs";

const OUT = new URL("../../ccm_flow/web/static/", import.meta.url).pathname;
const result = await build({
  entryPoints: [new URL("editor.js", import.meta.url).pathname],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  legalComments: "none",
  metafile: true,
  outfile: `${OUT}editor.min.js`,
});

const names = new Set();
for (const path of Object.keys(result.metafile.inputs)) {
  const found = path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) names.add(found[1]);
}
const parts = [...names].sort().map((name) => {
  const folder = new URL(`node_modules/${name}/`, import.meta.url);
  const { version } = JSON.parse(readFileSync(new URL("package.json", folder)));
  return `${name} ${version}\n\n${readFileSync(new URL("LICENSE", folder), "utf8").trim()}\n`;
});
writeFileSync(`${OUT}editor.LICENSE`, parts.join("\n---\n\n"));
