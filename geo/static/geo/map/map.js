// @ts-check
// One map element becomes a map: base style, controls, attribution, errors in words.

import { AttributionControl, Map as MapLibre } from "../../vendor/maplibre-gl/maplibre-gl.mjs";
import { bindControls, note } from "./controls.js";
import { drawImagesFor } from "./shapes.js";
import { baseStyle } from "./style.js";
import { onThemeChange } from "./tokens.js";

/**
 * @typedef {import("maplibre-gl").Map} LibreMap
 * @typedef {[number, number, number, number]} Bounds west, south, east, north in EPSG:4326
 * @typedef {(map: LibreMap) => void} Overlay adds its sources and layers to a fresh style
 */

/** What each map draws over its base, to be drawn again when the theme changes.
 * @type {WeakMap<LibreMap, Overlay[]>} */
const overlays = new WeakMap();

/**
 * @param {string | undefined} text
 * @returns {any}
 */
export const parsed = (text) => (text ? JSON.parse(text) : undefined);

/** @param {HTMLElement} element */
function styleOf(element) {
  return baseStyle({
    layers: parsed(element.dataset.layers) ?? [],
    quiet: "quiet" in element.dataset,
    labels: element.dataset.labels !== "off",
  });
}

/** Labels are drawn from the page's fonts, which must be there before the first of them. */
function labelFonts() {
  return Promise.all(
    ["Medium", "Semibold"].map((weight) => document.fonts.load(`16px "Inter ${weight}"`)),
  );
}

/**
 * @param {HTMLElement} element
 * @param {Bounds | undefined} bounds
 * @returns {LibreMap}
 */
function create(element, bounds) {
  const canvas = element.querySelector(".map-canvas");
  if (!(canvas instanceof HTMLElement)) throw new Error("A map needs its .map-canvas.");
  const still = element.classList.contains("still");
  return new MapLibre({
    container: canvas,
    style: styleOf(element),
    ...((bounds ?? parsed(element.dataset.bounds)) && {
      bounds: bounds ?? parsed(element.dataset.bounds),
      fitBoundsOptions: { padding: bounds ? 0 : 24 },
    }),
    interactive: !still,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    maxZoom: 20,
    locale: { "Map.Title": element.dataset.label ?? "" },
    // A worker resolves an address against its own script, not against the page.
    transformRequest: (url) => ({ url: new URL(url, location.origin).href }),
  });
}

/**
 * @param {HTMLElement} element
 * @param {LibreMap} map
 */
function describe(element, map) {
  const canvas = map.getCanvas();
  canvas.setAttribute("role", "application");
  const list = element.dataset.describedBy;
  if (list) canvas.setAttribute("aria-describedby", list);
}

/**
 * Draw something over the base map, now and after each change of theme.
 *
 * @param {LibreMap} map
 * @param {Overlay} overlay
 */
export function addOverlay(map, overlay) {
  overlays.get(map)?.push(overlay);
  overlay(map);
}

/**
 * @param {HTMLElement} element
 * @param {LibreMap} map
 */
function restyle(element, map) {
  map.once("style.load", () => {
    for (const overlay of overlays.get(map) ?? []) overlay(map);
  });
  map.setStyle(styleOf(element), { diff: false });
}

/**
 * Turn a `.map` element into a map.
 *
 * @param {HTMLElement} element with `data-bounds`, `data-layers`, `data-labels`, `data-icons`
 * @param {{bounds?: Bounds}} [options] bounds that overrule the element's
 * @returns {Promise<LibreMap | null>} null when this browser cannot draw it; the page then says so
 */
export async function makeMap(element, { bounds } = {}) {
  await labelFonts();
  /** @type {LibreMap} */
  let map;
  try {
    map = create(element, bounds);
  } catch (error) {
    console.warn("The map could not be drawn:", error);
    note(element, "failed", true);
    return null;
  }
  overlays.set(map, []);
  map.addControl(new AttributionControl({ compact: false }));
  map.on("error", ({ error }) => {
    console.error(error.message);
    if (!map.loaded()) note(element, "failed", true);
  });
  map.on("idle", () => note(element, "failed", false));
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  drawImagesFor(map, parsed(element.dataset.icons) ?? {});
  bindControls(element, map);
  describe(element, map);
  onThemeChange(() => restyle(element, map));
  await new Promise((resolve) => map.once("style.load", resolve));
  return map;
}

/**
 * What the viewer sees of the map, without what a sheet covers.
 *
 * @param {LibreMap} map
 * @returns {Bounds}
 */
export function visibleBounds(map) {
  const { top, right, bottom, left } = map.getPadding();
  const { clientWidth, clientHeight } = map.getContainer();
  const southWest = map.unproject([left ?? 0, clientHeight - (bottom ?? 0)]);
  const northEast = map.unproject([clientWidth - (right ?? 0), top ?? 0]);
  return [southWest.lng, southWest.lat, northEast.lng, northEast.lat];
}
