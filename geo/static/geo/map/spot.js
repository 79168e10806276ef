// @ts-check
// A place that somebody chose or looked up: one pin with its point there.

import { addOverlay } from "./map.js";

/**
 * @typedef {import("maplibre-gl").Map} LibreMap
 * @typedef {import("./places.js").LonLat} LonLat
 */

const SPOT = "spot";

/** The one chosen place of a map. */
export class Spot {
  /** @param {LibreMap} map */
  constructor(map) {
    this.map = map;
    /** @type {LonLat | null} */
    this.point = null;
    addOverlay(map, () => this.draw());
  }

  /** Add source and layer to a fresh style. */
  draw() {
    const { map } = this;
    map.addSource(SPOT, { type: "geojson", data: this.place });
    map.addLayer({
      id: SPOT,
      type: "symbol",
      source: SPOT,
      layout: {
        "icon-image": SPOT,
        "icon-anchor": "bottom",
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
    });
  }

  /** @returns {GeoJSON.FeatureCollection} */
  get place() {
    const { point } = this;
    const geometry = point && /** @type {const} */ ({ type: "Point", coordinates: point });
    return {
      type: "FeatureCollection",
      features: geometry ? [{ type: "Feature", properties: {}, geometry }] : [],
    };
  }

  /** @param {LonLat | null} point where it stands; null for nowhere */
  show(point) {
    this.point = point;
    const source = this.map.getSource(SPOT);
    /** @type {import("maplibre-gl").GeoJSONSource | undefined} */ (source)?.setData(this.place);
  }
}
