// @ts-check
// The base map as one style, made from the city's own layers and the tokens of the present theme.

import { isPhone, token } from "./tokens.js";

/**
 * @typedef {import("maplibre-gl").StyleSpecification} StyleSpecification
 * @typedef {import("maplibre-gl").LayerSpecification} LayerSpecification
 * @typedef {import("maplibre-gl").FilterSpecification} FilterSpecification
 * @typedef {import("maplibre-gl").ExpressionSpecification} Expression
 */

/** What the land is drawn from, and its parts: the first that a city has. */
const PARTS = ["areas-ward", "areas-neighbourhood"];
const LAND = ["areas-city", ...PARTS];

const PRIMARY = ["motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link"];
const SECONDARY = ["secondary", "secondary_link"];
const TERTIARY = ["tertiary", "tertiary_link"];
const LOCAL = ["residential", "unclassified", "living_street", "road"];

/** Line width at a zoom, before the factor of its class. @type {[number, number][]} */
const WIDTHS = [
  [11, 0.4],
  [13, 1.1],
  [15, 4],
  [17, 12],
];

/** Results are drawn under this layer when they are areas, so that streets stay readable. */
export const BELOW_STREETS = "streets-tertiary";
/** Results are drawn under this layer when they are lines, above streets and below names. */
export const BELOW_NAMES = "names-anchor";

/** A city that gives no class has streets that people live in. @type {Expression} */
const CLASS = ["coalesce", ["get", "class"], "residential"];

/**
 * @param {string[]} classes
 * @returns {Expression}
 */
const isOneOf = (classes) => ["in", CLASS, ["literal", classes]];

/**
 * @param {number} factor
 * @returns {Expression}
 */
const width = (factor) => [
  "interpolate",
  ["exponential", 1.6],
  ["zoom"],
  ...WIDTHS.flatMap(([zoom, px]) => [zoom, px * factor]),
];

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
 * @param {string} id
 * @param {FilterSpecification} filter
 * @param {number} minzoom
 * @param {import("maplibre-gl").LineLayerSpecification["paint"]} paint
 * @returns {LayerSpecification}
 */
const line = (id, filter, minzoom, paint) => ({
  id: `streets-${id}`,
  type: "line",
  source: "streets",
  "source-layer": "streets",
  filter,
  minzoom,
  layout: { "line-cap": "round", "line-join": "round" },
  paint,
});

/**
 * @param {string} id
 * @param {string[]} classes
 * @param {number} minzoom
 * @param {number} factor
 * @param {string} [color]
 * @returns {LayerSpecification}
 */
const road = (id, classes, minzoom, factor, color = "map-road") =>
  line(id, isOneOf(classes), minzoom, { "line-color": token(color), "line-width": width(factor) });

/**
 * @param {string} id
 * @param {string[]} classes
 * @param {number} minzoom
 * @param {number} factor
 * @param {boolean} quiet
 * @returns {LayerSpecification}
 */
const casing = (id, classes, minzoom, factor, quiet) =>
  line(id, isOneOf(classes), minzoom, {
    "line-color": token("map-road-casing"),
    "line-gap-width": width(factor),
    "line-width": 0.8,
    "line-opacity": quiet ? 0.4 : 1,
  });

/**
 * @param {boolean} quiet
 * @returns {LayerSpecification[]}
 */
function streets(quiet) {
  const classed = [...PRIMARY, ...SECONDARY, ...TERTIARY, ...LOCAL];
  const thin = quiet ? 0.62 : 1;
  const minor = { "line-color": token("map-road-minor"), "line-width": width(0.55 * thin) };
  return [
    line("minor", ["!", isOneOf(classed)], quiet ? 12.5 : 12, minor),
    casing("local-casing", LOCAL, 13.5, 0.8 * thin, quiet),
    casing("main-casing", [...PRIMARY, ...SECONDARY, ...TERTIARY], 12.5, 1.35 * thin, quiet),
    road("local", LOCAL, 12.5, 0.8 * thin, quiet ? "map-road-minor" : "map-road"),
    road("tertiary", TERTIARY, 11, 1.1 * thin),
    road("secondary", SECONDARY, 10, 1.5 * thin),
    road("primary", PRIMARY, 9, 1.9 * thin),
  ];
}

/**
 * @param {boolean} quiet
 * @returns {LayerSpecification}
 */
function streetNames(quiet) {
  const main = isOneOf([...PRIMARY, ...SECONDARY]);
  return {
    id: "streets-names",
    type: "symbol",
    source: "streets",
    "source-layer": "streets",
    minzoom: 13.6,
    filter: quiet ? main : ["any", main, [">=", ["zoom"], isPhone() ? 14 : 15]],
    layout: {
      "symbol-placement": "line",
      "symbol-spacing": 340,
      "text-field": ["coalesce", ["get", "name"], ""],
      "text-font": ["Inter Medium"],
      "text-size": ["interpolate", ["linear"], ["zoom"], 13, 10.5, 16, 13],
      "text-max-angle": 30,
      "text-padding": 5,
    },
    paint: {
      "text-color": token("map-label"),
      "text-halo-color": token("map-label-halo"),
      "text-halo-width": 1.6,
    },
  };
}

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
 *   the page may show; `quiet` steps back under results; without `labels` no street is named
 * @returns {StyleSpecification}
 */
export function baseStyle({ layers, quiet = false, labels = true }) {
  const land = LAND.find((slug) => layers.includes(slug));
  const parts = PARTS.find((slug) => layers.includes(slug));
  const borders = [...new Set([land, parts])].filter((slug) => slug !== undefined);
  const ground = [...borders, "areas-park", "areas-water", "streets"].filter((slug) =>
    layers.includes(slug),
  );
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
      ...(has("streets") ? streets(quiet) : []),
      ...borders.map(boundary),
      { id: BELOW_NAMES, type: "background", paint: { "background-opacity": 0 } },
      ...(has("streets") && labels ? [streetNames(quiet)] : []),
    ],
  };
}
