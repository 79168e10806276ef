// @ts-check
// From afar, tiles count reports in cells of 16 px. Four by four of them make one circle here, so
// that no count is hidden behind another and the figures on the map add up to all reports.

import { FAMILIES } from "./shapes.js";

/**
 * @typedef {{geometry: import("geojson").Geometry, properties: Record<string, any>}} Cell
 * @typedef {{n: number, x: number, y: number, column: number, row: number, counts: Record<string, number>}} Group
 */

/** Circles across one tile of 512 px. */
const ACROSS_TILE = 8;

/** @param {number} lat @returns {number} 0 at the north edge of the pyramid, 1 at its south edge */
const worldY = (lat) =>
  0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);

/** @param {number} y @returns {number} latitude in degrees */
const latitude = (y) => (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;

/**
 * @param {Map<string, Group>} groups
 * @param {Cell} cell
 * @param {number} across circles across the world
 */
function addCell(groups, { geometry, properties }, across) {
  if (geometry.type !== "Point") return;
  const [lon = 0, lat = 0] = geometry.coordinates;
  const [x, y] = [lon / 360 + 0.5, worldY(lat)];
  const [column, row] = [Math.floor(x * across), Math.floor(y * across)];
  const key = `${column}/${row}`;
  const group = groups.get(key) ?? { n: 0, x: 0, y: 0, column, row, counts: {} };
  const n = Number(properties.n);
  group.n += n;
  group.x += x * n;
  group.y += y * n;
  for (const family of FAMILIES) {
    group.counts[family] = (group.counts[family] ?? 0) + Number(properties[family] ?? 0);
  }
  groups.set(key, group);
}

/**
 * Half way between the middle of the circle's square and where its reports lie: near the truth,
 * and seldom on its neighbour.
 *
 * @param {Group} group
 * @param {number} across circles across the world
 * @returns {[number, number]} longitude and latitude
 */
function placeOf({ n, x, y, column, row }, across) {
  const middleX = (x / n + (column + 0.5) / across) / 2;
  const middleY = (y / n + (row + 0.5) / across) / 2;
  return [(middleX - 0.5) * 360, latitude(middleY)];
}

/**
 * @param {Cell[]} cells with `n` and a count for each family
 * @param {number} zoom of the tiles, a whole number
 * @returns {import("geojson").FeatureCollection<import("geojson").Point>}
 */
export function clustersOf(cells, zoom) {
  const across = ACROSS_TILE * 2 ** zoom;
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const cell of cells) addCell(groups, cell, across);
  return {
    type: "FeatureCollection",
    features: [...groups.values()].map((group) => ({
      type: "Feature",
      properties: { n: group.n, ...group.counts },
      geometry: { type: "Point", coordinates: placeOf(group, across) },
    })),
  };
}
