// @ts-check
// The small maps of a page about one report.

import { showReport } from "../map/one-report.js";

for (const element of document.querySelectorAll(".map")) {
  if (element instanceof HTMLElement) showReport(element);
}
