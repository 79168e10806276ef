// @ts-check
// How reports look on the map: clusters from afar, dots and pins from near, one of them ringed.

import { FAMILIES, RING_PARTS } from "./shapes.js";
import { token } from "./tokens.js";

/**
 * @typedef {import("maplibre-gl").ExpressionSpecification} Expression
 * @typedef {import("maplibre-gl").LayerSpecification} LayerSpecification
 */

/** Tiles count reports below this zoom and hold each of them from it on. */
export const POINTS_FROM_ZOOM = 14;
/** @param {string} slug @returns {string} name of the source of its clusters */
export const clustersFrom = (slug) => `${slug}-clusters`;
/** @param {string} slug @returns {string} name of the source that holds the chosen one */
export const chosenFrom = (slug) => `${slug}-chosen`;

/** Size of a dot at a zoom, as a part of its 16 px. @type {[number, number][]} */
const DOT_SIZES = [
  [14, 0.6],
  [16, 0.9],
  [18, 1],
];

/** @type {Expression} */
const ENDED = ["in", ["get", "phase"], ["literal", ["done", "closed"]]];
/** @type {Expression} */
const LATE = ["==", ["get", "late"], true];
/** Shown by block: the point stands for many addresses. @type {Expression} */
const MASKED = ["==", ["get", "masked"], true];

/**
 * @param {"pin" | "dot"} kind
 * @returns {Expression}
 */
const imageOf = (kind) => [
  "concat",
  `${kind}|`,
  ["get", "family"],
  ["case", ENDED, "|done", LATE, "|late", ""],
];

/** @param {string} family @returns {Expression} */
const countOf = (family) => ["coalesce", ["get", family], 0];

/** Radius of a cluster in px, in three steps. @type {Expression} */
const CLUSTER_RADIUS = ["step", ["get", "n"], 15, 10, 18, 100, 22, 1000, 26];

/** @returns {Expression} the image that rings a count with the families' shares */
function clusterImage() {
  const shares = FAMILIES.flatMap((family) => [
    "|",
    ["to-string", ["round", ["/", ["*", RING_PARTS, countOf(family)], ["get", "n"]]]],
  ]);
  return /** @type {Expression} */ ([
    "concat",
    "cluster|",
    ["to-string", CLUSTER_RADIUS],
    ...shares,
  ]);
}

/**
 * A soft disc under what is shown by block, about as large as one. It is opaque and lies under the
 * streets, so that ten reports of one block look like one.
 *
 * @param {string} slug
 * @param {object} from
 * @returns {LayerSpecification}
 */
const blocks = (slug, from) => ({
  id: `${slug}-blocks`,
  type: "circle",
  source: slug,
  ...from,
  filter: ["all", ["!", ["has", "n"]], MASKED],
  paint: {
    "circle-color": token("map-block"),
    "circle-radius": ["interpolate", ["exponential", 2], ["zoom"], 14, 9, 17, 64],
  },
});

/**
 * One report on top of the others: in a ring, its pin always drawn.
 *
 * @param {string} slug
 * @param {"lit" | "chosen"} name
 * @param {{source: string, "source-layer"?: string, filter?: any}} from
 * @param {number} size
 * @returns {LayerSpecification[]}
 */
const marked = (slug, name, from, size) => [
  {
    id: `${slug}-${name}-ring`,
    type: "circle",
    ...from,
    paint: {
      "circle-radius": name === "chosen" ? 26 : 22,
      "circle-color": token("map-label-halo"),
      "circle-opacity": name === "chosen" ? 0.6 : 0,
      "circle-stroke-width": name === "chosen" ? 3 : 2,
      "circle-stroke-color": token("ink"),
    },
  },
  {
    id: `${slug}-${name}`,
    type: "symbol",
    ...from,
    layout: {
      "icon-image": imageOf("pin"),
      "icon-size": size,
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
    },
  },
];

/** Dots grow with the zoom, and those of what is done stay small. */
const dotSizes = () =>
  DOT_SIZES.flatMap(([zoom, size]) => [
    zoom,
    /** @type {Expression} */ (["case", ENDED, 0.8 * size, size]),
  ]);

/**
 * @param {string} slug
 * @returns {LayerSpecification[]}
 */
export function reportLayers(slug) {
  const from = { source: slug, "source-layer": slug };
  /** @type {Expression} */
  const isPoint = ["!", ["has", "n"]];
  return [
    {
      id: `${slug}-clusters`,
      type: "symbol",
      source: clustersFrom(slug),
      maxzoom: POINTS_FROM_ZOOM,
      layout: {
        "icon-image": clusterImage(),
        "icon-padding": 0,
        "icon-allow-overlap": true,
        "text-field": [
          "case",
          [">=", ["get", "n"], 10_000],
          ["concat", ["to-string", ["round", ["/", ["get", "n"], 1000]]], "k"],
          ["to-string", ["get", "n"]],
        ],
        "text-font": ["Inter Semibold"],
        "text-size": 13,
        "text-allow-overlap": true,
        "symbol-sort-key": ["get", "n"],
      },
      paint: { "text-color": token("ink") },
    },
    blocks(slug, from),
    {
      id: `${slug}-dots`,
      type: "symbol",
      ...from,
      filter: isPoint,
      layout: {
        "icon-image": imageOf("dot"),
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "icon-size": ["interpolate", ["linear"], ["zoom"], ...dotSizes()],
        // Drawn later is on top: what is open over what is done.
        "symbol-sort-key": ["case", ENDED, 0, 1],
      },
    },
    {
      id: `${slug}-pins`,
      type: "symbol",
      ...from,
      filter: isPoint,
      layout: {
        "icon-image": imageOf("pin"),
        "icon-size": 0.9,
        "icon-padding": 8,
        "symbol-sort-key": ["case", ENDED, 1, 0],
      },
    },
    ...marked(slug, "lit", { ...from, filter: ["==", ["get", "id"], ""] }, 1),
    ...marked(slug, "chosen", { source: chosenFrom(slug) }, 1.1),
  ];
}
