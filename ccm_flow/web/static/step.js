// Timers that tick and drafts that save themselves; both also work without this file.
"use strict";

(() => {
  const SAVE_AFTER = 3000;

  function spoken(seconds) {
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  }

  // Counted from what the server said, so a wrong clock on this machine does not matter.
  const shownAt = performance.now();
  function tick() {
    for (const one of document.querySelectorAll("[data-elapsed]")) {
      const gone = Math.floor((performance.now() - shownAt) / 1000);
      one.textContent = spoken(Number(one.dataset.elapsed) + gone);
    }
  }
  if (document.querySelector("[data-elapsed]")) {
    tick();
    setInterval(tick, 1000);
  }

  document.getElementById("problems")?.focus();

  const form = document.querySelector("form#note[data-draft]");
  if (!form) return;
  const said = document.querySelector("[data-draft-said]");
  let waiting = null;
  let sending = null;
  let leaving = false;

  const body = () => new URLSearchParams(new FormData(form));

  async function save() {
    clearTimeout(waiting);
    waiting = null;
    sending?.abort();
    sending = new AbortController();
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body: body(),
        headers: { "x-by-itself": "1" },
        redirect: "manual",
        signal: sending.signal,
      });
      said.textContent = answer.status === 204 ? "Draft saved" : "Draft not saved: sign in again in another tab";
    } catch (problem) {
      if (problem.name !== "AbortError") said.textContent = "Draft not saved: no connection";
    }
  }

  form.addEventListener("input", () => {
    said.textContent = "";
    clearTimeout(waiting);
    waiting = setTimeout(save, SAVE_AFTER);
  });
  form.addEventListener("focusout", () => {
    if (waiting) save();
  });
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(waiting);
    sending?.abort();
  });
  window.addEventListener("pagehide", () => {
    if (waiting && !leaving) navigator.sendBeacon(form.dataset.draft, body());
  });
})();
