/**
 * A corner of localStorage: JSON values under one prefix. Never throws: where the browser forbids
 * storage or has no room, `set` says so and the caller decides what that means.
 */

// Undo steps are a convenience; changes that wait to be sent are not. The first make room for the second.
const SPARE = /^cstoannot:.*:(undo|redo):[^:]*$/;

/** @returns {Storage|null} null where the browser forbids it */
function localArea() {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}

/**
 * @param {string} prefix what all keys of this corner start with
 * @param {Storage|null} [area]
 */
export function openStorage(prefix, area = localArea()) {
  /**
   * @template T
   * @param {(kept: Storage) => T} fn
   * @param {T} otherwise
   */
  const attempt = (fn, otherwise) => {
    try {
      return area ? fn(area) : otherwise;
    } catch {
      return otherwise;
    }
  };
  const put = (/** @type {string} */ key, /** @type {string} */ text) =>
    attempt((kept) => {
      kept.setItem(key, text);
      return true;
    }, false);

  return {
    /** @returns {any} null when there is none, or none that can be read */
    get: (key) => parse(attempt((kept) => kept.getItem(prefix + key), null)),

    has: (key) => attempt((kept) => kept.getItem(prefix + key) !== null, false),

    /** @returns {boolean} whether it is kept */
    set(key, value) {
      const text = JSON.stringify(value);
      if (put(prefix + key, text)) return true;
      return attempt((kept) => makeRoom(kept, prefix), false) && put(prefix + key, text);
    },

    remove: (key) => attempt((kept) => kept.removeItem(prefix + key), undefined),

    /** @returns {string[]} keys without the prefix, sorted */
    keys(start = "") {
      const whole = prefix + start;
      const found = attempt((kept) => Object.keys(kept), []).filter((key) => key.startsWith(whole));
      return found.map((key) => key.slice(prefix.length)).sort();
    },

    /**
     * Hears what other tabs write here.
     * @param {(key: string|null, value: any) => void} heard key null: everything was cleared
     * @param {AbortSignal} [signal] ends it
     */
    listen(heard, signal) {
      const onStorage = (event) => {
        if (event.storageArea !== area) return;
        if (event.key === null) heard(null, null);
        else if (event.key.startsWith(prefix))
          heard(event.key.slice(prefix.length), parse(event.newValue));
      };
      globalThis.addEventListener("storage", onStorage, { signal });
    },
  };
}

/** Drops undo steps, of other sources first. @returns {boolean} whether anything was dropped */
function makeRoom(area, prefix) {
  const spare = Object.keys(area).filter((key) => SPARE.test(key));
  const elsewhere = spare.filter((key) => !key.startsWith(prefix));
  const dropped = elsewhere.length ? elsewhere : spare;
  for (const key of dropped) area.removeItem(key);
  return dropped.length > 0;
}

function parse(text) {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What this reader chose for the page, a short text. @returns {string} "" when nothing is kept */
export function readSetting(key, area = localArea()) {
  try {
    return area?.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** Where the browser forbids storage, the choice holds until the page is left. */
export function keepSetting(key, value, area = localArea()) {
  try {
    area?.setItem(key, value);
  } catch {
    // Nothing depends on it.
  }
}
