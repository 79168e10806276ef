// @ts-check
// The address is the state: filters, the part of the map, and what is chosen on it.

/** @typedef {import("../map/map.js").Bounds} Bounds */
/** @typedef {import("../map/places.js").LonLat} LonLat */

/**
 * @typedef {object} Choice at most one of the two
 * @property {string} selected number of a report, or ""
 * @property {LonLat | null} near a place
 */

const DECIMALS = 5;

/** @param {readonly number[]} degrees */
const written = (degrees) => degrees.map((degree) => degree.toFixed(DECIMALS)).join(",");

/**
 * @param {string | null} text
 * @param {number} length
 * @returns {number[] | undefined}
 */
function numbers(text, length) {
  const read = text?.split(",").map(Number) ?? [];
  return read.length === length && read.every(Number.isFinite) ? read : undefined;
}

/** @returns {URLSearchParams} of the present address */
const present = () => new URLSearchParams(location.search);

/** @returns {Bounds | undefined} the part of the map that the address names */
export function boundsOfAddress() {
  return /** @type {Bounds | undefined} */ (numbers(present().get("bbox"), 4));
}

/** @returns {Choice} what the address chooses */
export function choiceOfAddress() {
  const near = /** @type {LonLat | undefined} */ (numbers(present().get("near"), 2));
  return { selected: present().get("selected") ?? "", near: near ?? null };
}

/**
 * The filters of the form, several choices of one name joined by commas, empty ones left out; the
 * name of a chosen place in the search field is no filter.
 *
 * @param {HTMLFormElement} form
 * @returns {URLSearchParams}
 */
export function filtersOf(form) {
  const filters = new URLSearchParams();
  const place = searchOf(form)?.dataset.place;
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || !value || (name === "q" && value === place)) continue;
    const before = filters.get(name);
    filters.set(name, before ? `${before},${value}` : value);
  }
  return filters;
}

/**
 * @param {HTMLFormElement} form
 * @returns {HTMLInputElement | null}
 */
export function searchOf(form) {
  return form.querySelector("input[name=q]");
}

/**
 * @param {URLSearchParams} filters
 * @param {Bounds | undefined} bounds
 * @param {Choice} choice
 * @returns {string} path and query
 */
export function addressOf(filters, bounds, { selected, near }) {
  const query = new URLSearchParams(filters);
  if (bounds) query.set("bbox", written(bounds));
  if (selected) query.set("selected", selected);
  else if (near) query.set("near", written(near));
  return `${location.pathname}?${query.toString().replaceAll("%2C", ",")}`;
}

/**
 * Set the form to what an address says; what it does not name is empty.
 *
 * @param {HTMLFormElement} form
 * @param {URLSearchParams} [filters] those of the present address
 */
export function writeForm(form, filters = present()) {
  for (const field of form.elements) {
    if (field instanceof HTMLSelectElement) field.value = filters.get(field.name) ?? "";
    if (!(field instanceof HTMLInputElement)) continue;
    const value = filters.get(field.name) ?? "";
    if (field.type === "checkbox") field.checked = value.split(",").includes(field.value);
    else if (field.type === "radio") field.checked = field.value === value;
    else field.value = value;
  }
}
