// @ts-check
// Features in one colour: of a file that is not imported yet (`[data-sample]` is their address), or
// of the layer that an import made (`data-result` of the map).

import { addOverlay, makeMap } from "../map/map.js";
import { tileSource } from "../map/style.js";
import { token } from "../map/tokens.js";

/** @param {HTMLElement} element the `.map` */
async function start(element) {
  const line = document.querySelector("[data-sample]");
  const map = await makeMap(element);
  if (!map) return;
  const slug = element.dataset.result;
  if (slug) {
    addOverlay(map, () => draw(map, tileSource(slug), slug));
  } else if (line instanceof HTMLElement) {
    const data = await features(line);
    if (data) addOverlay(map, () => draw(map, { type: "geojson", data }));
  }
}

/**
 * @param {HTMLElement} line what is said of the features
 * @returns {Promise<GeoJSON.FeatureCollection | null>}
 */
async function features(line) {
  const response = await fetch(line.dataset.sample ?? "").catch(() => null);
  if (!response?.ok) {
    line.textContent = gettext("The features could not be drawn. What is said above holds.");
    return null;
  }
  const data = await response.json();
  const count = data.features.length;
  line.textContent = interpolate(
    ngettext("%(n)s feature is drawn.", "%(n)s features are drawn.", count),
    { n: count.toLocaleString(document.documentElement.lang) },
    true,
  );
  return data;
}

/**
 * @param {import("maplibre-gl").Map} map
 * @param {import("maplibre-gl").SourceSpecification} source
 * @param {string} [slug] the layer within tiles
 */
function draw(map, source, slug) {
  const color = token("primary");
  const from = { source: "sample", ...(slug && { "source-layer": slug }) };
  map.addSource("sample", source);
  map.addLayer({
    id: "sample-areas",
    type: "fill",
    ...from,
    filter: ["==", ["geometry-type"], "Polygon"],
    paint: { "fill-color": color, "fill-opacity": 0.2 },
  });
  map.addLayer({
    id: "sample-lines",
    type: "line",
    ...from,
    filter: ["!=", ["geometry-type"], "Point"],
    paint: { "line-color": color, "line-width": 1.5 },
  });
  map.addLayer({
    id: "sample-points",
    type: "circle",
    ...from,
    filter: ["==", ["geometry-type"], "Point"],
    paint: {
      "circle-radius": 4,
      "circle-color": color,
      "circle-stroke-width": 1.5,
      "circle-stroke-color": token("map-label-halo"),
    },
  });
}

const element = document.querySelector(".map");
if (element instanceof HTMLElement) start(element);
