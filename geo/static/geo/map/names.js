// @ts-check
// Names on the base map: streets along their lines; parts of the city, parks and water at a point.

import { NAMED_FIRST } from "./streets.js";
import { isPhone, token } from "./tokens.js";

/**
 * @typedef {import("maplibre-gl").LayerSpecification} LayerSpecification
 * @typedef {import("maplibre-gl").SymbolLayerSpecification} SymbolLayer
 * @typedef {import("maplibre-gl").ExpressionSpecification} Expression
 */

/** The layer of names that stand at a point: fields name, kind and rank. */
export const PLACE_NAMES = "place-names";

/** @param {string} [color] */
const ink = (color = "map-label") => ({
  "text-color": token(color),
  "text-halo-color": token("map-label-halo"),
  "text-halo-width": 1.6,
});

/**
 * @param {boolean} quiet
 * @returns {LayerSpecification}
 */
export function streetNames(quiet) {
  return {
    id: "streets-names",
    type: "symbol",
    source: "streets",
    "source-layer": "streets",
    minzoom: 13.6,
    filter: quiet ? NAMED_FIRST : ["any", NAMED_FIRST, [">=", ["zoom"], isPhone() ? 14 : 15]],
    layout: {
      "symbol-placement": "line",
      "symbol-spacing": 340,
      "text-field": ["coalesce", ["get", "name"], ""],
      "text-font": ["Inter Medium"],
      "text-size": ["interpolate", ["linear"], ["zoom"], 13, 10.5, 16, 13],
      "text-max-angle": 30,
      "text-padding": 5,
    },
    paint: ink(),
  };
}

/** @typedef {"Inter Medium" | "Inter Semibold"} Font */

const SIDES = /** @type {const} */ (["top-left", "top-right", "bottom-left", "bottom-right"]);

/**
 * @param {string} kind of the area
 * @param {{to: number, font: Font, sizes: [number, number], color?: string, spacing?: number}} face
 * @returns {SymbolLayer}
 */
const placeName = (kind, { to, font, sizes: [small, large], color, spacing = 0 }) => ({
  id: `${PLACE_NAMES}-${kind}`,
  type: "symbol",
  source: PLACE_NAMES,
  "source-layer": PLACE_NAMES,
  minzoom: 10,
  maxzoom: to,
  filter: ["==", ["get", "kind"], kind],
  layout: {
    "text-field": ["get", "name"],
    "text-font": [font],
    "text-size": ["interpolate", ["linear"], ["zoom"], 10, small, 15.5, large],
    "text-letter-spacing": spacing,
    "text-max-width": 8,
    "text-padding": 3,
    // Beside a circle that counts reports, where one lies on the name's own place.
    "text-variable-anchor": ["center", "top", "bottom", ...SIDES],
    "text-radial-offset": 2,
    "text-justify": "auto",
    "symbol-sort-key": ["coalesce", ["get", "rank"], 0],
  },
  paint: ink(color),
});

/**
 * From which zoom on an area has room for its name, its layer knows. The last drawn is placed
 * first: parts of the city before parks, parks before streets.
 */
export const placeNames = () => [
  placeName("water", {
    to: 18,
    font: "Inter Medium",
    sizes: [11, 14],
    color: "map-water-label",
  }),
  placeName("park", { to: 18, font: "Inter Medium", sizes: [10.5, 12.5], color: "map-park-label" }),
  placeName("neighbourhood", { to: 15.5, font: "Inter Medium", sizes: [10.5, 13] }),
  placeName("ward", { to: 15.5, font: "Inter Semibold", sizes: [11, 15], spacing: 0.03 }),
];
