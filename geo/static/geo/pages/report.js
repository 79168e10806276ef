// @ts-check
// The report form gains a map: moving it writes the place into the form.

import { makeMap } from "../map/map.js";
import { pickPlace } from "../map/pick.js";
import { Reports } from "../map/pins.js";

/** @param {HTMLElement} element */
async function start(element) {
  const lat = document.querySelector("input[name=lat]");
  const lon = document.querySelector("input[name=lon]");
  if (!(lat instanceof HTMLInputElement && lon instanceof HTMLInputElement)) return;
  const map = await makeMap(element);
  if (!map) return;
  new Reports(map, { query: "phase=new,open,working", counts: false });
  const words = document.querySelector("[data-place]");
  pickPlace(element, map, { lat, lon, words: words instanceof HTMLElement ? words : null });
}

const element = document.querySelector(".map");
if (element instanceof HTMLElement) start(element);
