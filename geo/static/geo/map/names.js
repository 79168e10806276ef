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

/**
 * @param {string} id
 * @param {{kinds: string[], from: number, to: number, font: string, sizes: [number, number], color?: string}} face
 * @returns {SymbolLayer}
 */
const placeName = (id, { kinds, from, to, font, sizes: [small, large], color }) => ({
  id: `${PLACE_NAMES}-${id}`,
  type: "symbol",
  source: PLACE_NAMES,
  "source-layer": PLACE_NAMES,
  minzoom: from,
  maxzoom: to,
  filter: ["in", ["get", "kind"], ["literal", kinds]],
  layout: {
    "text-field": ["get", "name"],
    "text-font": [font],
    "text-size": ["interpolate", ["linear"], ["zoom"], from, small, to, large],
    "text-max-width": 8,
    "text-padding": 6,
    "symbol-sort-key": ["coalesce", ["get", "rank"], 0],
  },
  paint: ink(color),
});

/** The last drawn is placed first: parts of the city before parks, parks before streets. */
export const placeNames = () => [
  placeName("water", {
    kinds: ["water"],
    from: 11,
    to: 18,
    font: "Inter Medium",
    sizes: [11, 15],
    color: "map-water-label",
  }),
  placeName("parks", {
    kinds: ["park"],
    from: 12.5,
    to: 18,
    font: "Inter Medium",
    sizes: [10.5, 14],
    color: "map-park-label",
  }),
  placeName("neighbourhoods", {
    kinds: ["neighbourhood"],
    from: 12.5,
    to: 15.5,
    font: "Inter Semibold",
    sizes: [11, 14],
  }),
  placeName("wards", {
    kinds: ["ward"],
    from: 10,
    to: 15.5,
    font: "Inter Semibold",
    sizes: [11, 15],
  }),
];
