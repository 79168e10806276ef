// @ts-check
// Reports on the map: filtered, counted, chosen, opened.

import { clustersOf } from "./clusters.js";
import { addOverlay } from "./map.js";
import { clustersFrom, POINTS_FROM_ZOOM, reportLayers } from "./report-layers.js";

/**
 * @typedef {import("maplibre-gl").Map} LibreMap
 * @typedef {Record<string, any>} Properties of a report in a tile: id, family, state, phase, title
 * @typedef {object} Options
 * @property {string} [slug] layer of the reports; "reports" (public) or "incidents" (crews)
 * @property {string} [query] filters as a query string, without the question mark
 * @property {boolean} [counts] whether circles count them from afar
 * @property {(properties: Properties) => void} [onSelect] a pin was clicked or entered
 * @property {(id: string | null) => void} [onHover] the pointer is over a pin, or over none
 */

/** Names of streets: pins of the public map go below them, because people look for their street. */
const NAMES = "streets-names";

/** The reports of a map, which pages filter and light up. */
export class Reports {
  /**
   * @param {LibreMap} map
   * @param {Options} [options]
   */
  constructor(map, { slug = "reports", query = "", counts = true, onSelect, onHover } = {}) {
    this.map = map;
    this.slug = slug;
    this.query = query;
    this.chosen = "";
    this.counted = "";
    addOverlay(map, () => this.draw());
    if (counts) map.on("idle", () => this.count());
    this.listen(onSelect, onHover);
  }

  /** Where the tiles of the present filters are described. */
  get address() {
    const url = new URL(`/tiles/${this.slug}.json`, location.origin);
    url.search = this.query;
    return url.href;
  }

  /** Add sources and layers to a fresh style. */
  draw() {
    const { map, slug } = this;
    map.addSource(slug, { type: "vector", url: this.address });
    map.addSource(clustersFrom(slug), { type: "geojson", data: clustersOf([], 0) });
    this.counted = "";
    for (const layer of reportLayers(slug)) {
      const isUnderNames = slug === "reports" && /-(dots|pins)$/.test(layer.id);
      map.addLayer(layer, isUnderNames && map.getLayer(NAMES) ? NAMES : undefined);
    }
    this.light(this.chosen);
  }

  /** Gather the cells of the tiles at hand into circles, if they have changed. */
  count() {
    const { map, slug } = this;
    const zoom = Math.floor(map.getZoom());
    if (zoom >= POINTS_FROM_ZOOM || !map.getSource(slug)) return;
    const cells = map.querySourceFeatures(slug, { sourceLayer: slug, filter: ["has", "n"] });
    const clusters = clustersOf(cells, zoom);
    const counted = JSON.stringify(clusters);
    if (counted === this.counted) return;
    this.counted = counted;
    const source = map.getSource(clustersFrom(slug));
    /** @type {import("maplibre-gl").GeoJSONSource | undefined} */ (source)?.setData(clusters);
  }

  /** @param {string} query filters as a query string, without the question mark */
  filter(query) {
    if (query === this.query) return;
    this.query = query;
    const source = this.map.getSource(this.slug);
    /** @type {import("maplibre-gl").VectorTileSource | undefined} */ (source)?.setUrl(
      this.address,
    );
  }

  /** @param {string | null} id of the report to ring; null or "" for none */
  light(id) {
    this.chosen = id ?? "";
    for (const part of ["ring", "chosen"]) {
      this.map.setFilter(`${this.slug}-${part}`, ["==", ["get", "id"], this.chosen || "-"]);
    }
  }

  /**
   * @param {import("maplibre-gl").PointLike | [import("maplibre-gl").PointLike, import("maplibre-gl").PointLike]} where
   * @returns {import("maplibre-gl").MapGeoJSONFeature | undefined}
   */
  at(where) {
    const layers = ["chosen", "pins", "dots", "clusters"].map((p) => `${this.slug}-${p}`);
    return this.map.queryRenderedFeatures(where, { layers })[0];
  }

  /**
   * @param {Options["onSelect"]} onSelect
   * @param {Options["onHover"]} onHover
   */
  listen(onSelect, onHover) {
    const { map } = this;
    let over = "";
    /** @param {import("maplibre-gl").MapGeoJSONFeature | undefined} feature */
    const open = (feature) => {
      if (!feature) return;
      if (feature.properties.id) onSelect?.(feature.properties);
      else if (feature.geometry.type === "Point" && "n" in feature.properties) {
        const [lng = 0, lat = 0] = feature.geometry.coordinates;
        map.easeTo({ center: [lng, lat], zoom: Math.min(map.getZoom() + 2, 15) });
      }
    };
    map.on("click", ({ point }) => open(this.at(around(point.x, point.y, 6))));
    map.on("mousemove", ({ point }) => {
      const feature = this.at(point);
      map.getCanvas().style.cursor = feature ? "pointer" : "";
      const id = String(feature?.properties.id ?? "");
      if (id === over) return;
      over = id;
      onHover?.(id || null);
    });
    map.getCanvas().addEventListener("keydown", ({ key }) => {
      if (key !== "Enter") return;
      const { x, y } = map.project(map.getCenter());
      open(this.at(around(x, y, 22)));
    });
  }
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} px
 * @returns {[[number, number], [number, number]]}
 */
const around = (x, y, px) => [
  [x - px, y - px],
  [x + px, y + px],
];
