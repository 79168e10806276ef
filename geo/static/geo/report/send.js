// @ts-check
// Sends the form as often as it takes: a lost network, a lost answer and an old token change
// nothing, because a report that comes twice under one key is one report.

import { Lost } from "./upload.js";

const ADDRESS = "/report/";
const PATIENCE_MS = 30_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * @param {FormData} data
 * @param {string} fragment
 */
async function post(data, fragment) {
  try {
    return await fetch(ADDRESS, {
      method: "POST",
      body: data,
      headers: { "X-Fragment": fragment },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new Lost();
  }
}

/** Ask for a token of now: the page's own may be older than its cookie. */
export async function freshToken() {
  const response = await fetch(ADDRESS, { headers: { "X-Fragment": "token" } });
  return String((await response.json()).token);
}

/**
 * Send the form; renew its token once where it is refused for that.
 *
 * @param {HTMLFormElement} form
 * @param {"check" | "sent"} fragment
 * @returns {Promise<Response>}
 * @throws {Lost} when nothing came back, or a fault of the server
 */
export async function sendForm(form, fragment) {
  let response = await post(dataOf(form, fragment), fragment);
  if (response.status === 403) {
    const token = form.elements.namedItem("csrfmiddlewaretoken");
    if (token instanceof HTMLInputElement) token.value = await freshToken().catch(lost);
    response = await post(dataOf(form, fragment), fragment);
  }
  if (response.status >= 500) throw new Lost();
  return response;
}

/** @returns {never} */
function lost() {
  throw new Lost();
}

/**
 * What the form says; its photos are with the city already.
 *
 * @param {HTMLFormElement} form
 * @param {"check" | "sent"} fragment
 */
function dataOf(form, fragment) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  data.set(fragment === "check" ? "check" : "send", "1");
  return data;
}

/** Tries again when the network is back, or after a pause that grows. */
export class Patience {
  /** @param {() => void} again */
  constructor(again) {
    this.again = again;
    this.pause = FIRST_PAUSE_MS;
    this.waiting = 0;
    window.addEventListener("online", () => {
      if (this.waiting) this.now();
    });
  }

  now() {
    this.end();
    this.again();
  }

  wait() {
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.now(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  end() {
    clearTimeout(this.waiting);
    this.waiting = 0;
  }
}
