// Small conveniences; every page also works without them.
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const current = () => document.querySelector("[data-row][data-current]");

  function choose(row) {
    current()?.removeAttribute("data-current");
    if (!row) return;
    row.setAttribute("data-current", "");
    row.querySelector("[data-open]")?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = rows();
    const at = all.indexOf(current());
    choose(all[Math.min(all.length - 1, Math.max(0, at + by))]);
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.body.dataset.keys === "off") return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "/" && document.querySelector("[data-find]")) {
      event.preventDefault();
      document.querySelector("[data-find]").focus();
    }
  });

  // A link that is there to be copied is chosen as a whole.
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-select]")) event.target.select();
  });

  // News brings the list anew: whoever walks it with the keyboard stays where they are.
  let walkedTo = null;
  const addressOf = (row) => row?.querySelector("[data-open]")?.getAttribute("href");
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id === "work") walkedTo = addressOf(current());
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "work" || !walkedTo) return;
    choose(rows().find((row) => addressOf(row) === walkedTo));
  });

  // While somebody chooses steps, the list stays as it is: nothing chosen may vanish.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id === "work" && event.target.querySelector(":checked:not(option)")) {
      event.preventDefault();
    }
  });
})();
