// @ts-check
// The base map as one style, made from the city's own layers and the tokens of the present theme.

import { PLACE_NAMES, placeNames, streetNames } from "./names.js";
import { railways, streets } from "./streets.js";
import { token } from "./tokens.js";

/**
 * @typedef {import("maplibre-gl").StyleSpecification} StyleSpecification
 * @typedef {import("maplibre-gl").LayerSpecification} LayerSpecification
 */

/** What the land is drawn from, and its parts: the first that a city has. */
const PARTS = ["areas-ward", "areas-neighbourhood"];
const LAND = ["areas-city", ...PARTS];

/** Results are drawn under this layer when they are areas, so that streets stay readable. */
export const BELOW_STREETS = "streets-tertiary";
/** Results are drawn under this layer when they are lines, above streets and below names. */
export const BELOW_NAMES = "names-anchor";

/**
 * @param {string} slug
 * @returns {import("maplibre-gl").VectorSourceSpecification}
 */
export function tileSource(slug) {
  return { type: "vector", url: new URL(`/tiles/${slug}.json`, location.origin).href };
}

/**
 * @param {string} slug
 * @param {string} color
 * @param {number} [minzoom]
 * @returns {LayerSpecification}
 */
const fill = (slug, color, minzoom = 0) => ({
  id: slug,
  type: "fill",
  source: slug,
  "source-layer": slug,
  minzoom,
  paint: { "fill-color": token(color) },
});

/**
 * @param {string} slug
 * @returns {LayerSpecification}
 */
const boundary = (slug) => ({
  id: `${slug}-boundary`,
  type: "line",
  source: slug,
  "source-layer": slug,
  paint: {
    "line-color": token("map-boundary"),
    "line-width": 1,
    "line-dasharray": [3, 2],
    "line-opacity": 0.7,
  },
});

/**
 * The base map. What is outside the city's land is drawn as its region: there is no sea to know of.
 *
 * @param {{layers: string[], quiet?: boolean, labels?: boolean}} options slugs of the layers that
 *   the page may show; `quiet` steps back under results; without `labels` nothing is named
 * @returns {StyleSpecification}
 */
export function baseStyle({ layers, quiet = false, labels = true }) {
  const land = LAND.find((slug) => layers.includes(slug));
  const parts = PARTS.find((slug) => layers.includes(slug));
  const borders = [...new Set([land, parts])].filter((slug) => slug !== undefined);
  const ground = [
    ...borders,
    ...["areas-park", "areas-water", "railways", "streets", PLACE_NAMES].filter((slug) =>
      layers.includes(slug),
    ),
  ];
  const has = (/** @type {string} */ slug) => ground.includes(slug);
  return {
    version: 8,
    sources: Object.fromEntries(ground.map((slug) => [slug, tileSource(slug)])),
    layers: [
      {
        id: "region",
        type: "background",
        paint: { "background-color": token(land ? "map-region" : "map-land") },
      },
      ...(land ? [fill(land, "map-land")] : []),
      ...(has("areas-park") ? [fill("areas-park", "map-park", 11)] : []),
      ...(has("areas-water") ? [fill("areas-water", "map-water", 10)] : []),
      ...(has("railways") ? railways() : []),
      ...(has("streets") ? streets(quiet) : []),
      ...borders.map(boundary),
      { id: BELOW_NAMES, type: "background", paint: { "background-opacity": 0 } },
      ...(has("streets") && labels ? [streetNames(quiet)] : []),
      ...(has(PLACE_NAMES) && labels ? placeNames() : []),
    ],
  };
}
