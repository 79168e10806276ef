// @ts-check
// The small map of one report: its public place, or nothing but the area where it has none.

import { addOverlay, makeMap, parsed } from "../map/map.js";

/** @param {HTMLElement} element with `data-point` ([lon, lat]), `data-family`, `data-phase` */
async function start(element) {
  /** @type {[number, number] | undefined} */
  const point = parsed(element.dataset.point);
  const map = await makeMap(element);
  if (!map || !point) return;
  const { family = "other", phase = "" } = element.dataset;
  const isEnded = phase === "done" || phase === "closed";
  map.jumpTo({ center: point, zoom: 16 });
  addOverlay(map, () => {
    map.addSource("place", { type: "geojson", data: { type: "Point", coordinates: point } });
    map.addLayer({
      id: "place",
      type: "symbol",
      source: "place",
      layout: {
        "icon-image": `pin|${family}${isEnded ? "|done" : ""}`,
        "icon-size": 1.1,
        "icon-allow-overlap": true,
      },
    });
  });
}

for (const element of document.querySelectorAll(".map")) {
  if (element instanceof HTMLElement) start(element);
}
