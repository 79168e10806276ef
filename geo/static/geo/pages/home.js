// @ts-check
// The public map: list, map and address show the same reports.

import { makeMap, parsed, visibleBounds } from "../map/map.js";
import { Reports } from "../map/pins.js";
import { addResult } from "../map/result.js";
import { makeSheet } from "../sheet.js";
import { cardLinks, keepInStep } from "./cards.js";

const SETTLE_MS = 250;
/** What search and chips cover at the top of a phone's map. */
const SEARCH_PX = 116;

/** @typedef {import("../map/map.js").Bounds} Bounds */

/**
 * The filters of the form, several choices of one name joined by commas, empty ones left out.
 *
 * @param {HTMLFormElement | null} form
 * @returns {URLSearchParams}
 */
function filtersOf(form) {
  const filters = new URLSearchParams();
  if (!form) return filters;
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || !value || name === "bbox") continue;
    const before = filters.get(name);
    filters.set(name, before ? `${before},${value}` : value);
  }
  return filters;
}

/** @returns {Bounds | undefined} the part of the map that the address names */
function boundsOfAddress() {
  const text = new URLSearchParams(location.search).get("bbox");
  const numbers = text?.split(",").map(Number) ?? [];
  if (numbers.length !== 4 || !numbers.every(Number.isFinite)) return undefined;
  return /** @type {Bounds} */ (numbers);
}

/**
 * @param {URLSearchParams} filters
 * @param {Bounds} bounds
 */
function addressOf(filters, bounds) {
  const query = new URLSearchParams(filters);
  query.set("bbox", bounds.map((degree) => degree.toFixed(5)).join(","));
  return `${location.pathname}?${query.toString().replaceAll("%2C", ",")}`;
}

/** Fetches the list of what is in view; a newer question ends an older one. */
class List {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.asked = new AbortController();
  }

  /** @param {string} address */
  async show(address) {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    try {
      const response = await fetch(address, { headers: { "X-Fragment": "list" }, signal });
      if (!response.ok) return;
      this.element.innerHTML = await response.text();
    } catch (error) {
      if (signal.aborted || error instanceof TypeError) return; // replaced, or no signal
      throw error;
    }
    const counted = this.element.querySelector("[data-count]");
    const count = document.getElementById("count");
    if (count && counted instanceof HTMLElement) count.textContent = counted.dataset.count ?? "";
  }
}

/**
 * Keep the middle of the map in what search and sheet leave of it; the first time, show there what
 * the page began with.
 *
 * @param {import("maplibre-gl").Map} map
 * @param {number} bottom px that the sheet covers
 * @param {Bounds | undefined} beginning
 */
function makeRoom(map, bottom, beginning) {
  const before = map.getPadding().bottom ?? 0;
  if (before === bottom) return;
  map.setPadding({ top: bottom ? SEARCH_PX : 0, bottom });
  if (before === 0 && beginning) map.fitBounds(beginning, { duration: 0 });
}

/**
 * @param {HTMLElement} element
 * @param {HTMLElement} listElement
 */
async function start(element, listElement) {
  /** @type {HTMLFormElement | null} */
  const form = document.querySelector("form.panel-head");
  const sent = boundsOfAddress();
  const map = await makeMap(element, { bounds: sent });
  if (!map) return;

  const links = cardLinks(listElement);
  const reports = new Reports(map, {
    query: filtersOf(form).toString(),
    onSelect: ({ id }) => location.assign(`/reports/${id}/`),
    onHover: (id) => {
      reports.light(id);
      links.mark(id);
    },
  });
  keepInStep(listElement, (id) => reports.light(id));

  const finding = element.dataset.result ?? "";
  const legend = document.querySelector("[data-legend]");
  if (finding) await addResult(map, finding, legend instanceof HTMLElement ? legend : null);

  const list = new List(listElement);
  const update = () => {
    const filters = filtersOf(form);
    const address = addressOf(filters, visibleBounds(map));
    if ((filters.get("layer") ?? "") !== finding) {
      location.assign(address); // another finding is another page: its legend comes with it
      return;
    }
    reports.filter(filters.toString());
    history.replaceState(history.state, "", address);
    list.show(address);
  };
  // Older reports come into the list: as a page of their own they would lose the map's place.
  listElement.addEventListener("click", async (event) => {
    const link = event.target instanceof Element && event.target.closest("a[rel=next]");
    if (!(link instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    await list.show(link.href);
    listElement.scrollTop = 0;
    listElement.focus();
  });
  let waiting = 0;
  map.on("moveend", () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(update, SETTLE_MS);
  });
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    update();
  });

  const panel = document.querySelector(".panel");
  if (panel instanceof HTMLElement) {
    const beginning = sent ?? parsed(element.dataset.bounds);
    makeSheet(panel, (bottom) => makeRoom(map, bottom, beginning));
  }
}

const element = document.querySelector(".map");
const listElement = document.getElementById("report-list");
if (element instanceof HTMLElement && listElement) start(element, listElement);
