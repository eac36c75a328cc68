// Saves the draft a moment after each change. Until the server has it, the browser keeps it.
const SAVE_MS = 1200;

export function makeKeeper(form, said, send) {
  const key = `draft:${form.dataset.draft}`;
  const field = form.querySelector("textarea");
  let kept = sessionStorage.getItem(key);
  if (kept === field.value) {
    sessionStorage.removeItem(key);
    kept = null;
  }
  let timer = null;
  let saved = field.value;
  let sending = false;

  function tell(text, bad = false) {
    said.textContent = text;
    said.classList.toggle("bad", bad);
  }

  function refresh(revision) {
    for (const picture of document.querySelectorAll("img[data-picture]")) {
      const url = new URL(picture.src, location.href);
      url.searchParams.set("revision", revision);
      picture.src = url.pathname + url.search;
    }
  }

  async function save() {
    if (sending) return wait();
    const text = form.elements.text.value;
    if (text === saved) return;
    sending = true;
    try {
      const answer = await send({ text, base: form.elements.base.value });
      await judge(answer, text);
    } catch {
      tell("The server does not answer. Your text is kept in this browser.", true);
      wait();
    } finally {
      sending = false;
    }
  }

  async function judge(answer, text) {
    if (answer.type === "opaqueredirect" || answer.status === 403) {
      tell("You are no longer signed in. Sign in and open this page again: your text is kept.", true);
      return;
    }
    if (answer.status === 400 || answer.status === 413) {
      tell("The text is larger than a playbook can be (1 MB). It is not saved.", true);
      return;
    }
    const told = await answer.json();
    tell(told.said, !answer.ok);
    if (!answer.ok) return;
    saved = text;
    form.elements.base.value = told.revision;
    if (form.elements.text.value === text) sessionStorage.removeItem(key);
    else wait();
    if (told.good) refresh(told.revision);
    const next = document.getElementById("next");
    if (next) next.hidden = !told.good;
  }

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_MS);
  }

  return {
    restored: () => kept,
    /** The form itself is sent; what was typed stays here until a page shows it again. */
    leaving: () => clearTimeout(timer),
    changed(text) {
      sessionStorage.setItem(key, text);
      tell("Not saved yet.");
      wait();
    },
  };
}
