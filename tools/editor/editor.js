// The playbook editor: CodeMirror over the plain text field, which stays the form's own.
import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { makeCompletion } from "./completion.js";
import { makeKeeper } from "./keeper.js";
import { showProblems } from "./problems.js";

const CHECK_MS = 400;

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--accent)" },
  { tag: [tags.number, tags.bool, tags.keyword], color: "var(--warn)" },
  { tag: [tags.punctuation, tags.separator], color: "var(--muted)" },
]);

const looks = EditorView.theme({
  "&": { height: "100%", fontSize: "var(--step--1)", color: "var(--text)", background: "var(--surface)" },
  "&.cm-focused": { outline: "3px solid var(--focus)" },
  ".cm-scroller": { fontFamily: "ui-monospace, Menlo, Consolas, monospace", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { background: "var(--sunken)", color: "var(--muted)", border: "none" },
  ".cm-activeLine": { background: "color-mix(in srgb, var(--accent-soft) 45%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--focus) 30%, transparent)",
  },
  ".cm-tooltip, .cm-panels": {
    background: "var(--surface)", color: "var(--text)", border: "1px solid var(--line)",
  },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    background: "var(--accent-soft)", color: "var(--text)",
  },
  ".cm-completionInfo": { maxWidth: "22rem" },
  ".cm-diagnostic": { maxWidth: "34rem", fontFamily: "system-ui, sans-serif", whiteSpace: "pre-line" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-textfield, .cm-button": {
    background: "var(--surface)", color: "var(--text)", backgroundImage: "none", border: "1px solid var(--muted)",
  },
});

function post(form, url, values) {
  const body = new FormData();
  for (const [name, value] of Object.entries(values)) body.append(name, value);
  return fetch(url, {
    method: "POST",
    body,
    headers: { "x-form-token": form.elements.form_token.value, accept: "application/json" },
    redirect: "manual",
  });
}

function place(state, line, column) {
  const at = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
  // The server counts characters, the browser counts halves of some of them.
  const before = [...at.text].slice(0, column - 1).join("").length;
  return Math.min(at.from + before, at.to);
}

function diagnostic(state, problem, own) {
  const line = problem.file === own ? problem.line : 1;
  const from = place(state, line, problem.file === own ? problem.column : 1);
  const to = problem.file === own ? place(state, line, problem.end_column) : state.doc.line(1).to;
  const where = problem.file === own ? "" : `${problem.file}:${problem.line}: `;
  return {
    from,
    to: Math.max(from, to),
    severity: problem.severity,
    source: problem.code,
    message: `${where}${problem.message}\n${problem.hint}`,
  };
}

function start(form) {
  const field = form.querySelector("textarea");
  const said = document.getElementById("said");
  let names = {};
  const keeper = makeKeeper(form, said, (values) => post(form, form.action, values));

  async function check(view) {
    const answer = await post(form, form.dataset.check, { text: view.state.doc.toString() });
    if (!answer.ok) return [];
    const found = await answer.json();
    if (found.good) names = found.names;
    showProblems(found, (line, column) => {
      view.dispatch({ selection: { anchor: place(view.state, line, column) }, scrollIntoView: true });
      view.focus();
    });
    return found.problems.map((problem) => diagnostic(view.state, problem, found.file));
  }

  const box = document.createElement("div");
  box.className = "editor";
  field.before(box);
  // Inside a shadow root the editor's style is a constructed sheet, which the content policy allows.
  const root = box.attachShadow({ mode: "open" });
  const changed = EditorView.updateListener.of((update) => {
    if (!update.docChanged) return;
    field.value = update.state.doc.toString();
    keeper.changed(field.value);
  });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: keeper.restored() ?? field.value,
      extensions: [
        lineNumbers(), history(), drawSelection(), bracketMatching(), closeBrackets(), search(),
        highlightActiveLine(), highlightSelectionMatches(), indentUnit.of("  "), yaml(),
        syntaxHighlighting(colours), looks, EditorView.lineWrapping, changed, lintGutter(),
        linter(check, { delay: CHECK_MS }),
        autocompletion({ icons: false, override: [makeCompletion(form.dataset.schema, () => names)] }),
        EditorView.contentAttributes.of({ "aria-label": "The playbook's text" }),
        keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...completionKeymap, ...lintKeymap]),
      ],
    }),
  });
  field.value = view.state.doc.toString();
  field.hidden = true;
  form.querySelector("label[for]").htmlFor = "";
  form.addEventListener("submit", () => keeper.leaving());
  if (keeper.restored() !== null) keeper.changed(field.value);
}

const form = document.querySelector("form[data-editor]");
if (form) start(form);
