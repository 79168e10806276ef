// @ts-check
// The public map: list, map and address show the same reports, and the same one of them.

import { Block } from "../map/block.js";
import { makeMap, parsed, visibleBounds } from "../map/map.js";
import { Reports } from "../map/pins.js";
import { addResult } from "../map/result.js";
import { makeSearch } from "../map/search.js";
import { Spot } from "../map/spot.js";
import { isPhone } from "../map/tokens.js";
import { makeSheet } from "../sheet.js";
import {
  addressOf,
  boundsOfAddress,
  choiceOfAddress,
  filtersOf,
  searchOf,
  writeForm,
} from "./address.js";
import { cardLinks, keepInStep } from "./cards.js";
import { Dock } from "./dock.js";
import { Filters } from "./filters.js";
import { List } from "./list.js";

/**
 * @typedef {import("maplibre-gl").Map} LibreMap
 * @typedef {import("../map/map.js").Bounds} Bounds
 * @typedef {import("../map/places.js").LonLat} LonLat
 * @typedef {import("../map/places.js").Place} Place
 * @typedef {import("../map/pins.js").Properties} Properties
 */

const SETTLE_MS = 250;
/** What search and chips cover at the top of a phone's map. */
const SEARCH_PX = 116;
const PLACE_ZOOM = 16.5;
const CLEAR_PX = 40;
/** Where the legend is no burden. */
const ROOMY = "(min-width: 1200px) and (min-height: 640px)";

/** @param {string} selector */
const one = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

/** The page: what its filters, its map and its choice are, and that all its parts show them. */
class Home {
  /**
   * @param {HTMLElement} element the map's
   * @param {LibreMap | null} map null where it cannot be drawn: the list works without
   */
  constructor(element, map) {
    this.map = map;
    this.finding = element.dataset.result ?? "";
    /** @type {string[]} */
    this.layers = parsed(element.dataset.layers) ?? [];
    this.form = /** @type {HTMLFormElement} */ (document.querySelector("form.panel-head"));
    this.listElement = one("#report-list");
    this.choice = choiceOfAddress();
    /** @type {Bounds | undefined} */
    this.beginning = boundsOfAddress() ?? parsed(element.dataset.bounds);
    this.list = new List(this.listElement, (part) => this.listShown(part));
    this.filters = new Filters(this.form, () => this.update({ isStep: true }));
    this.dock = new Dock(one(".dock"), {
      onClose: () => this.choose({ selected: "", near: null }),
      onChange: () => this.sheet?.resize(),
    });
    /** @type {ReturnType<typeof makeSheet> | null} */
    this.sheet = null;
    this.links = cardLinks(this.listElement);
    this.filters.say(
      this.listElement.querySelector("[data-period]")?.getAttribute("data-period") ?? "",
    );
  }

  // ---- what all parts show ----

  /** @returns {string} address of the present view */
  get address() {
    const bounds = this.map ? visibleBounds(this.map) : boundsOfAddress();
    return addressOf(filtersOf(this.form), bounds, this.choice);
  }

  /** Write the view into the address. @param {boolean} isStep whether Back undoes it */
  write(isStep) {
    const { address } = this;
    if (address === location.pathname + location.search) return;
    if (isStep) history.pushState(null, "", address);
    else history.replaceState(history.state, "", address);
  }

  /** Show what filters and map say. @param {{isStep?: boolean}} [how] whether Back undoes it */
  update({ isStep = false } = {}) {
    const filters = filtersOf(this.form);
    if ((filters.get("layer") ?? "") !== this.finding) {
      location.assign(this.address); // another finding is another page: its legend comes with it
      return;
    }
    this.reports?.filter(filters.toString());
    this.write(isStep);
    this.list.show(this.address);
  }

  /** @param {HTMLElement} part the new list */
  listShown(part) {
    one("#count").textContent = part.dataset.count ?? "";
    this.filters.say(part.dataset.period ?? "");
    const bars = part.querySelector("template[data-histogram]");
    if (bars instanceof HTMLTemplateElement) this.filters.period.redraw(bars.content);
    this.links.choose(this.choice.selected);
  }

  // ---- what is chosen ----

  /**
   * @param {import("./address.js").Choice} choice
   * @param {{isStep?: boolean, isKept?: boolean}} [how] `isKept` leaves the dock as it is
   */
  choose(choice, { isStep = true, isKept = false } = {}) {
    const had = this.choice.selected || this.choice.near;
    this.choice = choice;
    this.write(isStep && !had);
    this.spot?.show(choice.near);
    this.links.choose(choice.selected);
    if (!choice.selected) this.mark(null);
    if (isKept) return;
    if (choice.selected || choice.near) this.showChoice();
    else this.dock.close();
  }

  async showChoice() {
    const shown = await this.dock.load(this.address);
    if (shown) this.markShown(shown);
    return shown;
  }

  /** Mark on the map what the dock shows. @param {HTMLElement} shown */
  markShown({ dataset: { id, lon, lat, late, masked, family = "other", phase = "" } }) {
    if (!id || lon === undefined || lat === undefined) return;
    const point = /** @type {LonLat} */ ([Number(lon), Number(lat)]);
    const [isLate, isMasked] = [late, masked].map((flag) => flag !== undefined);
    this.mark({ id, point, family, phase, late: isLate, masked: isMasked });
    this.reveal(point);
  }

  /** Mark a report on the map, and the block that it is shown by. @param {Properties | null} report */
  mark(report) {
    const { id = "", point, family, phase, late, masked } = report ?? {};
    this.reports?.choose(report && { id, point, family, phase, late });
    this.block?.show(masked ? point : null);
  }

  /**
   * A pin was clicked or entered; reports that share its place can be leafed through.
   *
   * @param {Properties[]} all
   * @param {number} at
   */
  async openPin(all, at) {
    const properties = all[at];
    if (!properties) return;
    const { id = "" } = properties;
    this.choose({ selected: id, near: null }, { isKept: true });
    this.mark(properties);
    if (id) await this.showChoice();
    else this.dock.unnumbered(properties);
    this.dock.leaf(at, all.length, (next) => this.openPin(all, next));
    this.focusDock();
  }

  /** A place was chosen. @param {LonLat} near */
  async openPlace(near) {
    this.choose({ selected: "", near }, { isKept: true });
    await this.showChoice();
    this.reveal(near);
    this.focusDock();
  }

  /** Who works the map by keyboard goes on in the dock. */
  focusDock() {
    if (this.map?.getCanvas().matches(":focus-visible")) this.dock.focus();
  }

  /** Move the map where dock, sheet or search lie over a place. @param {LonLat} place */
  reveal(place) {
    const { map } = this;
    if (!map) return;
    const { x, y } = map.project(place);
    const frame = map.getCanvas().getBoundingClientRect();
    const { top = 0, bottom = 0 } = map.getPadding();
    const isSeen =
      x > CLEAR_PX &&
      x < frame.width - CLEAR_PX &&
      y > top + CLEAR_PX &&
      y < frame.height - bottom - CLEAR_PX;
    const dock = this.dock.element.getBoundingClientRect();
    const isUnderDock =
      !isPhone() && x + frame.left > dock.left - CLEAR_PX && y + frame.top > dock.top - CLEAR_PX;
    if (!isSeen || (this.dock.isOpen && isUnderDock)) map.easeTo({ center: place });
  }

  // ---- what is heard ----

  /** Follow the address after Back and Forward. */
  restore() {
    writeForm(this.form);
    this.filters.settle();
    const bounds = boundsOfAddress();
    if (bounds) this.map?.fitBounds(bounds, { duration: 0 });
    this.choose(choiceOfAddress(), { isStep: false });
    this.update();
  }

  /** @param {Place} place */
  found(place) {
    const { label, url, lon, lat, bounds } = place;
    if (url) {
      location.assign(url);
      return;
    }
    const search = searchOf(this.form);
    if (search) search.dataset.place = label;
    if (typeof lon !== "number" || typeof lat !== "number") return;
    this.goTo([lon, lat], bounds);
  }

  /**
   * @param {LonLat} place
   * @param {Bounds | null} [bounds]
   */
  goTo(place, bounds) {
    this.sheet?.lower();
    if (bounds) this.map?.fitBounds(bounds, { padding: CLEAR_PX, maxZoom: PLACE_ZOOM });
    else this.map?.easeTo({ center: place, zoom: PLACE_ZOOM });
    this.openPlace(place);
  }

  /** @param {HTMLElement} card */
  showOnMap(card) {
    const id = card.dataset.id ?? "";
    const { lon, lat } = card.dataset;
    const center = /** @type {LonLat} */ ([Number(lon), Number(lat)]);
    const zoom = Math.max(this.map?.getZoom() ?? 0, PLACE_ZOOM - 1);
    this.sheet?.lower();
    this.map?.easeTo({ center, zoom });
    this.choose({ selected: id, near: null });
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.update({ isStep: true });
    });
    addEventListener("popstate", () => this.restore());
    this.listElement.addEventListener("click", (event) => this.listClicked(event));
    const search = searchOf(this.form);
    if (!search) return;
    search.addEventListener("search", () => search.value || this.update({ isStep: true }));
    makeSearch(search, {
      near: () => /** @type {LonLat | null} */ (this.map?.getCenter().toArray() ?? null),
      onChoose: (place) => this.found(place),
    });
  }

  /** @param {Event} event */
  async listClicked(event) {
    if (!(event.target instanceof Element)) return;
    const older = event.target.closest("a[rel=next]");
    const place = event.target.closest("a[data-place]");
    const show = event.target.closest("[data-show]")?.closest("[data-id]");
    if (show instanceof HTMLElement) this.showOnMap(show);
    if (older || place) event.preventDefault();
    if (place instanceof HTMLElement && this.map) {
      const [lon = 0, lat = 0] = (place.dataset.place ?? "").split(",").map(Number);
      this.goTo([lon, lat]);
    }
    // Older reports come into the list: as a page of their own they would lose the map's place.
    if (older instanceof HTMLAnchorElement && (await this.list.show(older.href))) {
      this.listElement.scrollTop = 0;
      this.listElement.scrollIntoView({ block: "nearest" });
      this.listElement.focus();
    }
  }

  /** Put reports, the chosen place and what is heard on the map. @param {LibreMap} map */
  async draw(map) {
    this.reports = new Reports(map, {
      query: filtersOf(this.form).toString(),
      onSelect: (properties, all) => {
        const at = all.findIndex(({ id }) => id === properties.id);
        this.openPin(all.length ? all : [properties], Math.max(at, 0));
      },
      onHover: (id) => {
        this.reports?.light(id);
        this.links.mark(id);
      },
      onGround: ({ lng, lat }) => this.openPlace([lng, lat]),
    });
    this.block = new Block(map, this.layers);
    this.spot = new Spot(map);
    this.spot.show(this.choice.near);
    keepInStep(this.listElement, (id) => this.reports?.light(id));
    let waiting = 0;
    for (const kind of /** @type {const} */ (["moveend", "resize"])) {
      map.on(kind, () => {
        clearTimeout(waiting);
        waiting = window.setTimeout(() => this.update(), SETTLE_MS);
      });
    }
    const legend = document.querySelector("[data-legend]");
    if (!this.finding) return;
    await addResult(map, this.finding, legend instanceof HTMLElement ? legend : null);
  }

  /**
   * Keep the middle of the map in what search and sheet leave of it; the first time, show there
   * what the page began with.
   *
   * @param {number} bottom px that the sheet covers
   */
  makeRoom(bottom) {
    const { map } = this;
    const before = map?.getPadding().bottom ?? 0;
    if (!map || before === bottom) return;
    map.setPadding({ top: bottom ? SEARCH_PX : 0, bottom });
    if (before === 0 && this.beginning) map.fitBounds(this.beginning, { duration: 0 });
  }
}

/** @param {HTMLElement} element */
async function start(element) {
  const map = await makeMap(element, { bounds: boundsOfAddress() });
  const home = new Home(element, map);
  home.listen();
  if (map) await home.draw(map);
  else one(".map-layout").classList.add("no-map");
  home.sheet = makeSheet(one(".panel"), (bottom) => home.makeRoom(bottom));
  const { shown } = home.dock;
  if (shown) home.markShown(shown);
  const legend = document.querySelector(".map-legend");
  if (legend instanceof HTMLDetailsElement) legend.open = matchMedia(ROOMY).matches;
}

const element = document.querySelector(".map");
if (element instanceof HTMLElement) start(element);
