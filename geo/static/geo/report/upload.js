// @ts-check
// One request that tells how far it is, which fetch cannot; its token is renewed once.

/** The network or the server failed; the same request may well succeed later. */
export class Lost extends Error {}

/**
 * @typedef {object} Way
 * @property {AbortSignal} [signal]
 * @property {(part: number) => void} [onProgress] how much is sent, from 0 to 1
 */

/**
 * @param {string} address
 * @param {FormData} data
 * @param {string} token against forgery
 * @param {Way} way
 * @returns {Promise<{status: number, answer: any}>}
 */
function request(address, data, token, { signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest();
    asked.open("POST", address);
    asked.setRequestHeader("X-CSRFToken", token);
    asked.setRequestHeader("Accept", "application/json");
    asked.upload.addEventListener("progress", ({ loaded, total }) => onProgress?.(loaded / total));
    asked.addEventListener("load", () =>
      resolve({ status: asked.status, answer: parsed(asked.responseText) }),
    );
    for (const end of ["error", "timeout", "abort"]) {
      asked.addEventListener(end, () => reject(new Lost()));
    }
    signal?.addEventListener("abort", () => asked.abort());
    asked.send(data);
  });
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/**
 * @param {string} address
 * @param {FormData} data
 * @param {(isFresh: boolean) => Promise<string>} token
 * @param {Way} [way]
 * @returns {Promise<any>} what was answered
 * @throws {Lost} when nothing came back, or a fault of the server
 * @throws {Error} when it was refused; says why
 */
export async function upload(address, data, token, way = {}) {
  let { status, answer } = await request(address, data, await token(false), way);
  if (status === 403) {
    ({ status, answer } = await request(address, data, await token(true).catch(lost), way));
  }
  if (status >= 500 || status === 429) throw new Lost();
  if (status >= 400) throw new Error(answer.detail ?? gettext("We could not take it."));
  return answer;
}

/** @returns {never} */
function lost() {
  throw new Lost();
}
