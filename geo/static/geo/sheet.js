// @ts-check
// The bottom sheet of a phone: a button steps through three heights, dragging is an extra.

import { isPhone } from "./map/tokens.js";

const SHARES = { peek: 0.28, half: 0.5, full: 0.92 };
const HEIGHTS = /** @type {Height[]} */ (Object.keys(SHARES));
const DRAG_PX = 12;
/** How far a flick carries on, in ms of its speed. */
const FLICK_MS = 140;

/** @typedef {"peek" | "half" | "full"} Height */

/**
 * @param {HTMLElement} panel
 * @param {(coveredPx: number) => void} onChange
 * @returns {{resize: () => void, lower: () => void}} `resize` when the content has changed what the
 *   sheet shows, `lower` when the map is to be seen
 */
export function makeSheet(panel, onChange) {
  const handle = panel.querySelector(".sheet-handle");
  if (!(handle instanceof HTMLElement)) return { resize: () => {}, lower: () => {} };

  const probe = document.createElement("div");
  probe.className = "sheet-probe";
  panel.append(probe);
  // At full height the map keeps the room of half.
  const covered = () => Math.min(probe.offsetHeight, SHARES.half * innerHeight);
  const tell = () => {
    beModal(panel, isPhone() && panel.dataset.height === "full");
    onChange(isPhone() ? covered() : 0);
  };
  /** @param {string} height */
  const take = (height) => {
    panel.dataset.height = height;
    handle.setAttribute("aria-expanded", String(height !== "peek"));
    tell();
  };
  const step = () => {
    const at = HEIGHTS.indexOf(/** @type {Height} */ (panel.dataset.height ?? "peek"));
    take(HEIGHTS[(at + 1) % HEIGHTS.length] ?? "peek");
  };
  const wasDragged = letDrag(panel, handle, take);
  handle.addEventListener("click", () => wasDragged() || step());
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (!isPhone() || panel.dataset.height === "peek") return;
    event.preventDefault();
    take("peek");
    handle.focus();
  });
  // Whoever comes into the list by keyboard sees it.
  panel.querySelector(".panel-body")?.addEventListener("focusin", ({ target }) => {
    const isKeyboard = target instanceof Element && target.matches(":focus-visible");
    if (isKeyboard && isPhone() && panel.dataset.height === "peek") take("half");
  });
  matchMedia("(max-width: 767px)").addEventListener("change", tell);
  tell();
  return { resize: tell, lower: () => isPhone() && take("peek") };
}

/**
 * The sheet follows the finger and settles at the nearest height.
 *
 * @param {HTMLElement} panel
 * @param {HTMLElement} handle
 * @param {(height: Height) => void} take
 * @returns {() => boolean} whether the last touch of the handle was a drag
 */
function letDrag(panel, handle, take) {
  let startY = 0;
  let startPx = 0;
  let lastY = 0;
  let lastAt = 0;
  let speed = 0;
  let isDrag = false;
  const settle = () => {
    panel.classList.remove("dragged");
    panel.style.removeProperty("height");
  };
  handle.addEventListener("pointerdown", (event) => {
    startY = lastY = event.clientY;
    startPx = panel.getBoundingClientRect().height;
    isDrag = false;
    speed = 0;
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", ({ pointerId, clientY, timeStamp }) => {
    if (!handle.hasPointerCapture(pointerId)) return;
    isDrag ||= Math.abs(clientY - startY) > DRAG_PX;
    if (!isDrag) return;
    speed = (lastY - clientY) / Math.max(timeStamp - lastAt, 1);
    [lastY, lastAt] = [clientY, timeStamp];
    panel.classList.add("dragged");
    panel.style.height = `${startPx + startY - clientY}px`;
  });
  handle.addEventListener("pointerup", ({ clientY }) => {
    if (!isDrag) return;
    settle();
    take(nearest((startPx + startY - clientY + speed * FLICK_MS) / innerHeight));
  });
  handle.addEventListener("pointercancel", settle);
  return () => isDrag;
}

/**
 * At full height the sheet is all there is.
 *
 * @param {HTMLElement} panel
 * @param {boolean} isModal
 */
function beModal(panel, isModal) {
  if (isModal) panel.setAttribute("role", "dialog");
  else panel.removeAttribute("role");
  if (isModal) panel.setAttribute("aria-modal", "true");
  else panel.removeAttribute("aria-modal");
  for (const element of document.querySelectorAll(".bar, .map, .map-legend")) {
    if (element instanceof HTMLElement) element.inert = isModal;
  }
}

/**
 * @param {number} share of the window
 * @returns {Height}
 */
function nearest(share) {
  return HEIGHTS.reduce((best, height) =>
    Math.abs(SHARES[height] - share) < Math.abs(SHARES[best] - share) ? height : best,
  );
}
