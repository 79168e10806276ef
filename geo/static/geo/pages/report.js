// @ts-check
// The page of a new report becomes a walk in four steps.

import { Wizard } from "../report/wizard.js";

const main = document.querySelector("main.wizard");
if (main instanceof HTMLElement) new Wizard(main).start();
