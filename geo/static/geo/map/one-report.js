// @ts-check
// The small map of one report: its place as its reader may know it, or nothing but the area.

import { addOverlay, makeMap, parsed } from "./map.js";

/**
 * @param {HTMLElement} element the `.map`, with `data-point` ([lon, lat]), `data-family`, `data-phase`
 */
export async function showReport(element) {
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
