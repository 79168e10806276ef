// @ts-check
// A crew's map: the exact places of its incidents, in step with the list.

import { makeMap } from "../map/map.js";
import { Reports } from "../map/pins.js";
import { cardLinks, keepInStep } from "./cards.js";

/**
 * @param {HTMLElement} element
 * @param {HTMLElement | null} list
 */
async function start(element, list) {
  const map = await makeMap(element);
  if (!map) return;
  const reports = new Reports(map, {
    slug: "incidents",
    onSelect: ({ id }) => location.assign(`/crew/${id}/`),
    onHover: (id) => {
      reports.light(id);
      if (list) cardLinks(list).mark(id);
    },
  });
  if (list) keepInStep(list, (id) => reports.light(id));
}

const element = document.querySelector(".map");
if (element instanceof HTMLElement) start(element, document.getElementById("report-list"));
