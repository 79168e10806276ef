// @ts-check
// The map of a study's result: `data-result` names its layer, `[data-legend]` gets its classes.

import { makeMap } from "../map/map.js";
import { addResult } from "../map/result.js";

/** @param {HTMLElement} element */
async function start(element) {
  const map = await makeMap(element);
  const slug = element.dataset.result;
  if (!map || !slug) return;
  const legend = document.querySelector("[data-legend]");
  await addResult(map, slug, legend instanceof HTMLElement ? legend : null);
}

const element = document.querySelector(".map");
if (element instanceof HTMLElement) start(element);
