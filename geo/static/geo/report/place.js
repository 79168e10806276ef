// @ts-check
// The first step: where it is. The map moves under the pin; the gazetteer says what is there.

import { makeMap, parsed } from "../map/map.js";
import { Picker } from "../map/pick.js";
import { Reports } from "../map/pins.js";
import { degrees, placeAt } from "../map/places.js";
import { makeSearch } from "../map/search.js";
import { showAccuracy, showAssets } from "./around.js";
import { part } from "./errors.js";

/**
 * @typedef {import("../map/places.js").Spot} Spot
 * @typedef {import("../map/places.js").LonLat} LonLat
 * @typedef {import("./errors.js").Wrong} Wrong
 */

const PAUSE_MS = 250;
const DECIMALS = 6;
/** A device that knows its place less well than this only knows the neighbourhood. */
const ROUGH_M = 60;

/**
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
export function find(root, selector, type) {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`The page has no ${selector}.`);
  return found;
}

/** The place of a report: fields, map, words. */
export class PlaceStep {
  /**
   * @param {HTMLFormElement} form
   * @param {() => void} onMove
   */
  constructor(form, onMove) {
    this.form = form;
    this.onMove = onMove;
    this.lat = find(form, "input[name=lat]", HTMLInputElement);
    this.lon = find(form, "input[name=lon]", HTMLInputElement);
    this.search = find(form, "input[name=search]", HTMLInputElement);
    this.name = find(form, "[data-place]", HTMLElement);
    this.detail = find(form, "[data-place-detail]", HTMLElement);
    this.notes = find(form, "[data-place-note]", HTMLElement);
    this.border = find(form, "[data-border]", HTMLFieldSetElement);
    this.assets = find(form, "[data-assets]", HTMLDetailsElement);
    this.element = find(form, ".map", HTMLElement);
    /** @type {Picker | null} */
    this.picker = null;
    /** @type {Spot | null} */
    this.spot = null;
    /** The code of a thing that was tapped, until the gazetteer has named what is here. */
    this.wanted = "";
    /** How the place came, to be said with it. */
    this.origin = "";
    this.waiting = 0;
    this.asked = new AbortController();
    this.takeLookedUp();
  }

  /** A place that was looked up without this script becomes the map's. */
  takeLookedUp() {
    const chosen = this.form.querySelector("input[name=place]:checked");
    if (chosen instanceof HTMLInputElement) {
      const [lon = "", lat = ""] = chosen.value.split(",");
      this.write([Number(lon), Number(lat)]);
    }
    for (const list of this.form.querySelectorAll("#places, #nearby")) list.remove();
  }

  /** @returns {LonLat | null} */
  get point() {
    const { lat, lon } = this;
    return lat.value && lon.value ? [Number(lon.value), Number(lat.value)] : null;
  }

  /** @param {LonLat} point */
  write([lon, lat]) {
    this.lon.value = lon.toFixed(DECIMALS);
    this.lat.value = lat.toFixed(DECIMALS);
    this.lat.dispatchEvent(new Event("change", { bubbles: true }));
  }

  async start() {
    this.makeSearch();
    if (this.point) this.ask();
    const map = await makeMap(this.element);
    if (!map) return;
    const begun = this.point;
    const picker = new Picker(this.element, map, (point) => this.moved(point));
    this.picker = picker;
    showAssets(map, parsed(this.element.dataset.layers) ?? [], {
      onAsset: ({ code, point }) => {
        this.wanted = code;
        picker.jumpTo(point);
      },
      onGround: (point) => picker.easeTo(point),
    });
    new Reports(map, { query: "phase=new,open,working", counts: false });
    this.element.addEventListener("located", (event) => {
      if (event instanceof CustomEvent) this.located(map, event.detail);
    });
    if (begun) picker.jumpTo(begun);
    else this.locateIfAllowed();
  }

  makeSearch() {
    makeSearch(this.search, {
      takesFirst: true,
      near: () => this.point,
      onChoose: ({ lon, lat }) => {
        if (lon != null && lat != null) this.goTo([lon, lat]);
      },
    });
  }

  /** Somebody who has let this site know the place before is not asked again. */
  async locateIfAllowed() {
    const allowed = await navigator.permissions?.query({ name: "geolocation" });
    if (allowed?.state !== "granted" || this.point) return;
    find(this.element, "[data-act=locate]", HTMLButtonElement).click();
  }

  /** @param {LonLat} point */
  goTo(point) {
    if (this.picker) this.picker.jumpTo(point);
    else this.moved(point);
  }

  /**
   * @param {import("maplibre-gl").Map} map
   * @param {GeolocationCoordinates} coords
   */
  located(map, { longitude, latitude, accuracy }) {
    showAccuracy(map, [longitude, latitude], accuracy);
    if (this.picker) this.picker.told = ""; // said anew, also where the pin stands there already
    const values = { n: Math.max(1, Math.round(accuracy)) };
    this.origin = interpolate(
      accuracy > ROUGH_M
        ? gettext("Your device knows its place to within %(n)s m only: move the map to the spot")
        : gettext("Where you are, to within %(n)s m"),
      values,
      true,
    );
  }

  /** @param {LonLat} point */
  moved(point) {
    const before = [this.lon.value, this.lat.value].join();
    this.write(point);
    if (before !== [this.lon.value, this.lat.value].join()) this.onMove();
    this.spot = null;
    this.say("", "");
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    const { point } = this;
    if (!point) return;
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    try {
      this.spot = await placeAt(point, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof TypeError)) throw error;
      this.say(
        point.toReversed().map(degrees).join(", "),
        gettext("We name it when you are online."),
      );
      return;
    }
    this.showSpot(this.spot);
  }

  /** @param {Spot} spot */
  showSpot(spot) {
    const { ward = "", is_inside, message = "" } = spot;
    const label = spot.label || (this.point ?? []).toReversed().map(degrees).join(", ");
    const how = this.origin || gettext("Move the map to adjust");
    this.origin = "";
    this.say(label, [ward, how].filter(Boolean).join(" · "));
    this.note(is_inside ? "" : message);
    this.askForSide(spot);
    this.offerAssets(spot.assets);
  }

  /**
   * @param {string} name
   * @param {string} detail
   */
  say(name, detail) {
    if (name) this.name.textContent = name;
    if (detail) this.detail.textContent = detail;
  }

  /** @param {string} message why nothing can be reported here; empty for no reason */
  note(message) {
    this.notes.hidden = !message;
    if (!message) return this.notes.replaceChildren();
    const note = part("outside");
    find(note, "span", HTMLElement).textContent = message;
    this.notes.replaceChildren(note);
  }

  /** @param {Spot} spot */
  askForSide({ is_inside, border_m }) {
    this.border.hidden = !is_inside || border_m === null;
    const n = Math.max(1, Math.round(border_m ?? 0));
    const question = this.border.dataset.question ?? "";
    find(this.border, "legend", HTMLElement).textContent = interpolate(question, { n }, true);
    if (!this.border.hidden) return;
    for (const answer of this.sides()) answer.checked = false;
  }

  sides() {
    return /** @type {NodeListOf<HTMLInputElement>} */ (
      this.border.querySelectorAll("input[name=is_here]")
    );
  }

  /** @param {import("../map/places.js").Asset[]} assets */
  offerAssets(assets) {
    const before = this.asset;
    const list = find(this.assets, "[data-asset-list]", HTMLElement);
    const none = { id: "", words: gettext("None of these") };
    const offers = assets.map((asset) => ({ id: String(asset.id), words: wordsOf(asset) }));
    list.replaceChildren(...[...offers, none].map((offer) => choice("asset", offer)));
    const tapped = assets.find(({ code }) => code === this.wanted);
    this.wanted = "";
    const chosen = tapped ? String(tapped.id) : before;
    for (const input of list.querySelectorAll("input")) {
      input.checked = input.value === (offers.some(({ id }) => id === chosen) ? chosen : "");
    }
    const n = assets.length;
    const words = ngettext(
      "Is it about the one thing of the city here?",
      "Is it about one of the %(n)s things of the city here?",
      n,
    );
    find(this.assets, "[data-asset-words]", HTMLElement).textContent = interpolate(
      words,
      { n },
      true,
    );
    this.assets.hidden = n === 0;
    if (tapped) this.assets.open = true;
  }

  /** The key of the chosen thing; empty where none is. */
  get asset() {
    return new FormData(this.form).get("asset")?.toString() ?? "";
  }

  /** The kind of the chosen thing; empty where none is. */
  get assetKind() {
    return this.spot?.assets.find(({ id }) => String(id) === this.asset)?.kind ?? "";
  }

  /** @returns {Wrong | null} what keeps from going on */
  wrong() {
    if (!this.point) {
      const detail = gettext("Move the map until the pin stands on the place, or type an address.");
      return { field: "search", detail };
    }
    if (this.spot && !this.spot.is_inside) {
      return { field: "search", detail: this.spot.message ?? "" };
    }
    return this.border.hidden ? null : this.wrongSide();
  }

  /** @returns {Wrong | null} */
  wrongSide() {
    const side = [...this.sides()].find(({ checked }) => checked)?.value;
    if (side === "yes") return null;
    const detail = side
      ? (this.border.dataset.beyond ?? "")
      : gettext("Say on which side of the border it is.");
    return { field: "is_here", detail };
  }
}

/** @param {import("../map/places.js").Asset} asset */
function wordsOf({ kind_title, code, distance_m }) {
  const values = { thing: `${kind_title} ${code}`, n: distance_m };
  return interpolate(gettext("%(thing)s, %(n)s m away"), values, true);
}

/**
 * @param {string} name
 * @param {{id: string, words: string}} offer
 */
function choice(name, { id, words }) {
  const label = document.createElement("label");
  label.className = "check";
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name, value: id });
  label.append(input, words);
  return label;
}
