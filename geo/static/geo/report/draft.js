// @ts-check
// An unsent report is kept on the device: it outlives a reload, a lost network, a closed window.

/**
 * @typedef {object} Draft
 * @property {string} uuid the client's key of the report
 * @property {string} step
 * @property {[string, string][]} values names and values of the form's fields
 * @property {string[]} keys of photos that are with the city
 * @property {Blob[]} photos that are not yet
 * @property {boolean} isSent whether Send was pressed, and only the network is missing
 * @property {number} at when it was kept, in ms since 1970
 */

const DAYS_KEPT = 7;
const KEPT_MS = DAYS_KEPT * 24 * 3600 * 1000;
const SHELF = "drafts";
const KEY = "report";

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

/** @returns {Promise<IDBDatabase>} */
function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("civicgrid", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(SHELF);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(shelf: IDBObjectStore) => IDBRequest} act
 * @returns {Promise<any>}
 */
async function onShelf(mode, act) {
  const shelf = (await database()).transaction(SHELF, mode).objectStore(SHELF);
  const request = act(shelf);
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @returns {Promise<Draft | undefined>} the kept report, unless it is a week old */
export async function keptDraft() {
  /** @type {Draft | undefined} */
  const draft = await onShelf("readonly", (shelf) => shelf.get(KEY));
  if (draft && Date.now() - draft.at < KEPT_MS) return draft;
  if (draft) await forgetDraft();
  return undefined;
}

/** @param {Omit<Draft, "at">} draft */
export async function keepDraft(draft) {
  await onShelf("readwrite", (shelf) => shelf.put({ ...draft, at: Date.now() }, KEY));
}

export async function forgetDraft() {
  await onShelf("readwrite", (shelf) => shelf.delete(KEY));
}
