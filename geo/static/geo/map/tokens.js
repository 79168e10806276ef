// @ts-check
// The design tokens as the map needs them: resolved values of the present theme.

/**
 * @param {string} name token without its two dashes, such as "map-land"
 * @returns {string} its value, such as "#f2f1eb"
 */
export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** @param {() => void} listener called when the device switches between light and dark */
export function onThemeChange(listener) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener);
}

/** @returns {boolean} whether this is the phone layout */
export function isPhone() {
  return matchMedia("(max-width: 767px)").matches;
}
