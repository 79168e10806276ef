// @ts-check
// A run in progress: asks how far it is each second, and shows its end by loading the page anew.

const EVERY_MS = 1000;
const RUNNING = ["queued", "running"];
const REFUSED = [401, 403, 404];

/**
 * @typedef {object} Progress
 * @property {string} state
 * @property {number} progress 0 to 1
 * @property {string} step in words
 * @property {number | null} seconds_left
 * @property {string | null} url where the result is
 */

/**
 * @param {HTMLElement} card
 * @param {Progress} told
 */
function show(card, { progress, step, seconds_left }) {
  const percent = Math.round(progress * 100);
  const bar = card.querySelector("progress");
  if (bar) {
    bar.max = 100;
    bar.value = percent;
  }
  const lang = document.documentElement.lang;
  const words = {
    // A run that waits has no step yet: the page says so in its own words.
    ...(step && { "[data-step]": step }),
    "[data-percent]": (percent / 100).toLocaleString(lang, { style: "percent" }),
    "[data-left]": seconds_left === null ? "" : duration(seconds_left, lang),
  };
  for (const [selector, text] of Object.entries(words)) {
    const place = card.querySelector(selector);
    if (place && place.textContent !== text) place.textContent = text;
  }
}

/**
 * @param {number} seconds
 * @param {string} lang
 */
function duration(seconds, lang) {
  const [value, unit] = seconds < 90 ? [seconds, "second"] : [seconds / 60, "minute"];
  return Math.ceil(value).toLocaleString(lang, { style: "unit", unit, unitDisplay: "short" });
}

/** @param {HTMLElement} card */
async function follow(card) {
  const address = card.dataset.progressUrl ?? "";
  const response = await fetch(address, { headers: { Accept: "application/json" } }).catch(
    () => null,
  );
  if (response?.ok) {
    /** @type {Progress} */
    const told = await response.json();
    show(card, told);
    if (!RUNNING.includes(told.state)) {
      location.replace(told.url ?? location.href);
      return;
    }
  } else if (response && REFUSED.includes(response.status)) {
    location.reload(); // signed out, or removed: the page itself says which
    return;
  }
  setTimeout(() => follow(card), EVERY_MS);
}

for (const card of document.querySelectorAll("[data-progress-url]")) {
  if (card instanceof HTMLElement) follow(card);
}
