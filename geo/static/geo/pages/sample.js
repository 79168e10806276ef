// @ts-check
// Features of a file that is not imported yet: where they would lie. `[data-sample]` is their address.

import { addOverlay, makeMap } from "../map/map.js";
import { token } from "../map/tokens.js";

/**
 * @param {HTMLElement} element the `.map`
 * @param {HTMLElement} line what is said of the features
 */
async function start(element, line) {
  const map = await makeMap(element);
  if (!map) return;
  const response = await fetch(line.dataset.sample ?? "").catch(() => null);
  if (!response?.ok) {
    line.textContent = gettext("The features could not be drawn. What is said above holds.");
    return;
  }
  const data = await response.json();
  const count = data.features.length.toLocaleString(document.documentElement.lang);
  line.textContent = interpolate(
    ngettext(
      "%(n)s feature is drawn.",
      "The first %(n)s features are drawn.",
      data.features.length,
    ),
    { n: count },
    true,
  );
  addOverlay(map, () => draw(map, data));
}

/**
 * @param {import("maplibre-gl").Map} map
 * @param {GeoJSON.FeatureCollection} data
 */
function draw(map, data) {
  const color = token("primary");
  map.addSource("sample", { type: "geojson", data });
  map.addLayer({
    id: "sample-areas",
    type: "fill",
    source: "sample",
    filter: ["==", ["geometry-type"], "Polygon"],
    paint: { "fill-color": color, "fill-opacity": 0.2 },
  });
  map.addLayer({
    id: "sample-lines",
    type: "line",
    source: "sample",
    filter: ["!=", ["geometry-type"], "Point"],
    paint: { "line-color": color, "line-width": 2 },
  });
  map.addLayer({
    id: "sample-points",
    type: "circle",
    source: "sample",
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
const line = document.querySelector("[data-sample]");
if (element instanceof HTMLElement && line instanceof HTMLElement) start(element, line);
