// @ts-check
// The bottom sheet of a phone: a button steps through three heights, dragging is an extra.

import { isPhone } from "./map/tokens.js";

const HEIGHTS = ["peek", "half", "full"];
const SHARES = { peek: 0.28, half: 0.5, full: 0.92 };

/** @typedef {"peek" | "half" | "full"} Height */

/**
 * @param {HTMLElement} panel
 * @param {(coveredPx: number) => void} onChange
 */
export function makeSheet(panel, onChange) {
  const handle = panel.querySelector(".sheet-handle");
  if (!(handle instanceof HTMLElement)) return;

  const tell = () => onChange(isPhone() ? coveredBy(panel) : 0);
  /** @param {string} height */
  const take = (height) => {
    panel.dataset.height = height;
    handle.setAttribute("aria-expanded", String(height !== "peek"));
    tell();
  };
  const step = (/** @type {number} */ by) => {
    const at = HEIGHTS.indexOf(panel.dataset.height ?? "peek");
    take(HEIGHTS[(at + by + HEIGHTS.length) % HEIGHTS.length] ?? "peek");
  };

  let startY = 0;
  let wasDragged = false;
  handle.addEventListener("pointerdown", (event) => {
    startY = event.clientY;
    wasDragged = false;
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointerup", ({ clientY }) => {
    wasDragged = Math.abs(clientY - startY) > 24;
    if (wasDragged) take(nearest(1 - clientY / innerHeight));
  });
  handle.addEventListener("click", () => wasDragged || step(1));
  panel.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || panel.dataset.height === "peek") return;
    take("peek");
    handle.focus();
  });
  matchMedia("(max-width: 767px)").addEventListener("change", tell);
  tell();
}

/**
 * @param {number} share of the window
 * @returns {Height}
 */
function nearest(share) {
  const heights = /** @type {Height[]} */ (Object.keys(SHARES));
  return heights.reduce((best, height) =>
    Math.abs(SHARES[height] - share) < Math.abs(SHARES[best] - share) ? height : best,
  );
}

/**
 * What the sheet hides of the map: at full height the map keeps the room of half.
 *
 * @param {HTMLElement} panel
 */
function coveredBy(panel) {
  const share = SHARES[/** @type {Height} */ (panel.dataset.height)] ?? SHARES.peek;
  return Math.max(236, Math.min(share, SHARES.half) * innerHeight);
}
