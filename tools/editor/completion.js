// Completion from the schema of playbooks, and from the names that the file itself gives.
const LINE = /^(\s*)((?:- +)*)(?:([^\s:#][^:#]*?)\s*:(?=\s|$))?/;
const KEY = /^(\s*)((?:- +)*)([\w-]*)$/;
const VALUE = /^(\s*)((?:- +)*)([\w-]+):\s+(?:.*[\s,[(])?([\w/-]*)$/;
const NAMED = {
  owner: ["roles"], to: ["roles"], role: ["roles"], go: ["steps"], fixes: ["steps"],
  insert_after: ["steps"], before: ["steps"], after: ["steps", "outcomes", "facts"],
};
const CONDITIONS = new Set(["when", "skip_if", "if", "unless", "only_if", "after"]);

/** Give the keys above a place, outermost first; "*" stands for an item of a list. */
export function pathAbove(lines, at, column, dashed) {
  const path = [];
  let limit = column;
  let equal = false;
  if (dashed !== null) {
    path.unshift("*");
    limit = dashed;
    equal = true;
  }
  for (let number = at - 1; number >= 0 && (limit > 0 || equal); number--) {
    const text = lines[number];
    if (!text.trim() || text.trim().startsWith("#")) continue;
    const [, spaces, dashes, key] = LINE.exec(text);
    const keyColumn = spaces.length + dashes.length;
    if (key && (keyColumn < limit || (equal && !dashes && keyColumn === limit))) {
      path.unshift(key);
      limit = keyColumn;
      equal = false;
    }
    if (dashes && spaces.length < limit) {
      path.unshift("*");
      limit = spaces.length;
      equal = true;
    }
  }
  return path;
}

function forms(schema, node) {
  if (!node) return [];
  if (node.$ref) return forms(schema, schema.$defs[node.$ref.split("/").pop()]);
  const inner = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  return [node, ...inner.flatMap((one) => forms(schema, one))];
}

function within(schema, node, key) {
  return forms(schema, node).flatMap((form) => {
    const next = key === "*" ? form.items : form.properties?.[key] ?? form.additionalProperties;
    return next && typeof next === "object" ? [next] : [];
  });
}

function nodesAt(schema, path) {
  return path.reduce((nodes, key) => nodes.flatMap((node) => within(schema, node, key)), [schema]);
}

function keys(schema, path) {
  const found = new Map();
  for (const form of nodesAt(schema, path).flatMap((node) => forms(schema, node))) {
    for (const [name, value] of Object.entries(form.properties ?? {})) {
      found.set(name, { label: name, apply: `${name}: `, type: "property", info: value.description });
    }
  }
  return [...found.values()];
}

function values(schema, path, key, names) {
  const words = nodesAt(schema, [...path, key])
    .flatMap((node) => forms(schema, node))
    .flatMap((form) => [
      ...(form.enum ?? []),
      ...(form.const === undefined ? [] : [form.const]),
      ...(form.type === "boolean" ? ["true", "false"] : []),
    ]);
  const kinds = NAMED[key] ?? (CONDITIONS.has(key) ? ["steps", "outcomes", "facts"] : []);
  const own = kinds.flatMap((kind) => (names[kind] ?? []).map((label) => ({ label, detail: kind })));
  return [...new Set(words)].map((word) => ({ label: String(word), type: "enum" })).concat(own);
}

export function makeCompletion(url, names) {
  let asked = null;
  const schema = () => (asked ??= fetch(url).then((answer) => answer.json()));
  return async (context) => {
    const { doc } = context.state;
    const line = doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const lines = () => doc.toString().split("\n");
    const asKey = KEY.exec(before);
    const asValue = VALUE.exec(before);
    if (!asKey && !asValue) return null;
    const [, spaces, dashes, word, last] = asKey ?? asValue;
    const typed = asKey ? word : last;
    if (!typed && !context.explicit && asKey) return null;
    const column = spaces.length + dashes.length;
    const path = pathAbove(lines(), line.number - 1, column, dashes ? spaces.length : null);
    const options = asKey
      ? keys(await schema(), path)
      : values(await schema(), path, word, names());
    return { from: context.pos - typed.length, options, validFor: /^[\w/-]*$/ };
  };
}
