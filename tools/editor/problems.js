// The list of problems below the editor, for everybody who does not hover.
function made(tag, text, name = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = name;
  return element;
}

function line(problem, own, go) {
  const item = document.createElement("li");
  const where = problem.file === own ? `Line ${problem.line}` : `${problem.file}, line ${problem.line}`;
  const jump = made("button", where, "quiet");
  jump.type = "button";
  jump.addEventListener("click", () => go(problem.line, problem.column));
  const isError = problem.severity === "error";
  item.append(
    problem.file === own ? jump : made("span", where),
    made("span", problem.severity, `tag ${isError ? "bad" : "warn"}`),
    made("span", problem.message, "message"),
    made("span", problem.hint, "muted hint"),
  );
  return item;
}

export function showProblems(found, go) {
  document.getElementById("verdict").textContent = found.verdict;
  const list = document.getElementById("problems");
  list.replaceChildren(...found.problems.map((problem) => line(problem, found.file, go)));
}
