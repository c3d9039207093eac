/**
 * What people have typed into forms, in IndexedDB. Never throws: where the browser refuses storage,
 * nothing is kept and every read finds nothing.
 *
 * @typedef {object} Draft
 * @property {string} id
 * @property {string} user whose it is; nobody else is shown it
 * @property {string} form which form of which page
 * @property {number} at when it was last typed in, in milliseconds
 * @property {boolean} sent whether it was submitted as it stands
 * @property {[string, string][]} fields names and values
 * @property {string[]} names of all fields, also of boxes that are not ticked
 */

const DATABASE = "cstoannot-drafts";
const STORE = "drafts";

export async function openDrafts(factory = storage()) {
  const database = await attempt(() => open(factory), null);
  /**
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest|void} work
   * @param {T} otherwise
   * @returns {Promise<T>}
   */
  const run = (mode, work, otherwise) =>
    database
      ? attempt(() => finish(database.transaction(STORE, mode), work), otherwise)
      : Promise.resolve(otherwise);

  return {
    /** The newest first. @param {string} user @param {string} form */
    async ofForm(user, form) {
      /** @type {Draft[]} */
      const found = await run("readonly", (store) => store.index("form").getAll([user, form]), []);
      return found.sort((one, other) => other.at - one.at);
    },

    /** @param {Draft} draft @returns {Promise<boolean>} whether it is kept */
    put: (draft) =>
      run("readwrite", (store) => commit(store, store.put(draft)), false).then(
        (key) => key !== false,
      ),

    remove: (id) => run("readwrite", (store) => commit(store, store.delete(id)), undefined),

    /** Forgets what was typed before this moment. */
    expire: (before) =>
      run(
        "readwrite",
        (store) => deleteAll(store.index("at").openCursor(IDBKeyRange.upperBound(before))),
        undefined,
      ),
  };
}

function storage() {
  try {
    return globalThis.indexedDB ?? null;
  } catch {
    return null;
  }
}

async function attempt(work, otherwise) {
  try {
    return await work();
  } catch {
    return otherwise;
  }
}

function open(factory) {
  return new Promise((done, fail) => {
    const request = factory.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: "id" });
      store.createIndex("form", ["user", "form"]);
      store.createIndex("at", "at");
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
    request.onblocked = () => fail(new Error("blocked"));
  });
}

function finish(transaction, work) {
  return new Promise((done, fail) => {
    const request = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => done(request?.result);
    transaction.onerror = transaction.onabort = () => fail(transaction.error);
  });
}

/** Does not wait for a page that may be gone by then. */
function commit(store, request) {
  store.transaction.commit?.();
  return request;
}

function deleteAll(cursors) {
  cursors.onsuccess = () => {
    cursors.result?.delete();
    cursors.result?.continue();
  };
}
