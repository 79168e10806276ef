// @ts-check
// A form with large files: shows how much is sent, and lets it be stopped. Its answer is a page.

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} card
 */
function watch(form, card) {
  /** @type {XMLHttpRequest | null} */
  let asked = null;

  /** @param {boolean} isSending */
  function show(isSending) {
    card.hidden = !isSending;
    for (const button of form.querySelectorAll("button[type=submit]")) {
      if (button instanceof HTMLButtonElement) button.disabled = isSending;
    }
  }

  /** @param {string} words */
  function fail(words) {
    show(false);
    const place = form.querySelector("[data-failed]");
    const text = place?.querySelector("[data-words]");
    if (place instanceof HTMLElement && text) {
      place.hidden = !words;
      text.textContent = words;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    fail("");
    asked = new XMLHttpRequest();
    asked.open("POST", form.action);
    asked.upload.addEventListener("progress", ({ loaded, total }) => tell(card, loaded / total));
    asked.addEventListener("load", () => {
      if (asked) arrive(asked);
    });
    asked.addEventListener("abort", () => fail(""));
    for (const end of ["error", "timeout"]) {
      asked.addEventListener(end, () =>
        fail(gettext("The connection broke before all was sent. Try again.")),
      );
    }
    const data = new FormData(form);
    show(true);
    tell(card, 0);
    card.scrollIntoView({ block: "nearest" });
    asked.send(data);
  });
  card.querySelector("[data-stop]")?.addEventListener("click", () => asked?.abort());
}

/**
 * @param {HTMLElement} card
 * @param {number} part
 */
function tell(card, part) {
  const bar = card.querySelector("progress");
  if (bar) bar.value = part * 100;
  const percent = card.querySelector("[data-percent]");
  if (percent) {
    percent.textContent = part.toLocaleString(document.documentElement.lang, {
      style: "percent",
      maximumFractionDigits: 0,
    });
  }
  const step = card.querySelector("[data-step]");
  const words = part < 1 ? gettext("Sending") : gettext("Looking it over");
  if (step && step.textContent !== words) step.textContent = words;
}

/**
 * Shows the page that was answered: that of the file, or the form with what is wrong.
 *
 * @param {XMLHttpRequest} asked
 */
function arrive(asked) {
  if (asked.status < 400) {
    location.assign(asked.responseURL);
    return;
  }
  const answer = new DOMParser().parseFromString(asked.responseText, "text/html");
  const main = answer.querySelector("main");
  const here = document.querySelector("main");
  if (!main || !here) {
    location.reload();
    return;
  }
  here.replaceWith(document.adoptNode(main));
  start();
  /** @type {HTMLElement | null} */
  const summary = document.querySelector("[data-focus]");
  summary?.focus();
}

function start() {
  const form = document.querySelector("form[data-upload]");
  const card = form?.querySelector("[data-sending]");
  if (form instanceof HTMLFormElement && card instanceof HTMLElement) watch(form, card);
}

start();
