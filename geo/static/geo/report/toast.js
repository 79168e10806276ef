// @ts-check
// One thing that happened, said for a while at the lower edge.

import { part } from "./errors.js";

const SHOWN_MS = 6_000;

let waiting = 0;

/** @param {HTMLElement} toast */
export function showToast(toast) {
  const place = document.querySelector("[data-toasts]");
  place?.replaceChildren(toast);
  clearTimeout(waiting);
  waiting = window.setTimeout(() => toast.remove(), SHOWN_MS);
}

/** @param {string} words */
export function say(words) {
  const toast = part("toast");
  toast.textContent = words;
  showToast(toast);
}
