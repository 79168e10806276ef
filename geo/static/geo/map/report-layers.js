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

/** @type {Expression} */
const ENDED = ["in", ["get", "phase"], ["literal", ["done", "closed"]]];

/**
 * @param {"pin" | "dot"} kind
 * @returns {Expression}
 */
const imageOf = (kind) => ["concat", `${kind}|`, ["get", "family"], ["case", ENDED, "|done", ""]];

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
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "text-field": [
          "case",
          [">=", ["get", "n"], 10_000],
          ["concat", ["to-string", ["round", ["/", ["get", "n"], 1000]]], "k"],
          ["to-string", ["get", "n"]],
        ],
        "text-font": ["Inter Semibold"],
        "text-size": 13,
        "text-allow-overlap": true,
        "text-ignore-placement": true,
        "symbol-sort-key": ["get", "n"],
      },
      paint: { "text-color": token("ink") },
    },
    {
      id: `${slug}-dots`,
      type: "symbol",
      ...from,
      filter: isPoint,
      layout: {
        "icon-image": imageOf("dot"),
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "icon-size": 0.9,
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
    {
      id: `${slug}-ring`,
      type: "circle",
      ...from,
      filter: ["==", ["get", "id"], ""],
      paint: {
        "circle-radius": 25,
        "circle-opacity": 0,
        "circle-stroke-width": 3,
        "circle-stroke-color": token("ink"),
      },
    },
    {
      id: `${slug}-chosen`,
      type: "symbol",
      ...from,
      filter: ["==", ["get", "id"], ""],
      layout: { "icon-image": imageOf("pin"), "icon-size": 1.1, "icon-allow-overlap": true },
    },
  ];
}
