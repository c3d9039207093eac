/** What the page shows: the annotations the server holds, with the waiting changes laid over them. */
import { sameContent } from "./content.js";
import { kindOf } from "./queue-entry.js";

export class View {
  #queue;
  #blank;
  #username;
  /** @type {Map<string, Annotation>} */
  #shown = new Map(); // id → frozen annotation
  /** @type {Map<string, Annotation|null>} */
  #before = new Map(); // id → what was shown when changes were last taken
  /** @type {readonly Annotation[]|null} */
  #order = null;

  /** As the server last showed them, by id. */
  saved = /** @type {Map<string, Annotation>} */ (new Map());

  /**
   * @param {import("./queue.js").Queue} queue
   * @param {StoreConfig} config
   */
  constructor(queue, { sourceId, username, revision }) {
    this.#queue = queue;
    this.#username = username;
    this.#blank = { source: sourceId, annotator: username, layer: "individual" };
    Object.assign(this.#blank, { version: null, revision, stale: false });
  }

  /** @returns {readonly Annotation[]} by start, longer first, then id */
  all() {
    this.#order ??= Object.freeze([...this.#shown.values()].sort(byPlace));
    return this.#order;
  }

  /** @param {string} id */
  get(id) {
    return this.#shown.get(id) ?? null;
  }

  /**
   * The server's answer about one annotation; null: it is gone.
   * @param {string} id
   * @param {Annotation|null} annotation
   */
  learn(id, annotation) {
    if (annotation) this.saved.set(id, annotation);
    else this.saved.delete(id);
    this.refresh(id);
  }

  /** The server's answer about all of them. @param {Annotation[]} annotations */
  replace(annotations) {
    const ids = new Set([...this.#shown.keys(), ...this.#queue.ids()]);
    this.saved = new Map(annotations.map((annotation) => [annotation.id, annotation]));
    for (const id of this.saved.keys()) ids.add(id);
    for (const id of ids) this.refresh(id);
  }

  /** Works out again what is shown of one annotation. @param {string} id */
  refresh(id) {
    const old = this.#shown.get(id) ?? null;
    const now = this.#laidOver(id);
    if (same(old, now)) return;
    if (!this.#before.has(id)) this.#before.set(id, old);
    if (now) this.#shown.set(id, now);
    else this.#shown.delete(id);
    this.#order = null;
  }

  /** @returns {{added: string[], changed: string[], removed: string[]}|null} since last asked */
  takeChanges() {
    /** @type {Changes} */
    const changes = { added: [], changed: [], removed: [] };
    for (const [id, old] of this.#before) {
      const now = this.get(id);
      if (!old && now) changes.added.push(id);
      else if (old && !now) changes.removed.push(id);
      else if (old && !same(old, now)) changes.changed.push(id);
    }
    this.#before.clear();
    return Object.values(changes).some((ids) => ids.length) ? changes : null;
  }

  /** @returns {Conflict[]} null: removed on that side */
  conflicts() {
    return this.#queue.parked("conflict").map(({ id }) => {
      const mine = this.#wanted(id) && this.get(id);
      return { id, mine, theirs: this.saved.get(id) ?? null };
    });
  }

  /** @returns {Refusal[]} */
  refused() {
    return this.#queue.parked("refused").map(({ id, version, detail, problem }) => {
      const wanted = this.#wanted(id);
      return { id, kind: kindOf({ wanted, version }), wanted, detail, problem };
    });
  }

  /** @param {string} id @returns {Content|null} */
  #wanted(id) {
    return this.#queue.chain(id).at(-1)?.wanted ?? null;
  }

  /** @param {string} id */
  #laidOver(id) {
    const saved = this.saved.get(id);
    const chain = this.#queue.chain(id);
    if (!chain.length) return saved ? this.#finish(saved, "saved") : null;
    const [{ state, at }] = chain;
    const wanted = this.#wanted(id);
    // A removal that is in question leaves something to look at and decide on.
    if (!wanted) return saved && state !== "waiting" ? this.#finish(saved, state) : null;
    const time = new Date(at).toISOString();
    /** @type {Annotation} */
    const known = saved ?? { id, ...this.#blank, created_at: time, updated_at: time };
    return this.#finish({ ...known, ...wanted }, state);
  }

  /** @param {Annotation} annotation @param {Annotation["state"]} state */
  #finish(annotation, state) {
    return Object.freeze({ ...annotation, state, mine: annotation.annotator === this.#username });
  }
}

/** @param {Annotation} a @param {Annotation} b */
function byPlace(a, b) {
  return a.start - b.start || b.end - a.end || (a.id < b.id ? -1 : 1);
}

/** @param {Annotation|null} a @param {Annotation|null} b */
function same(a, b) {
  if (!a || !b) return !a && !b;
  return a.state === b.state && a.version === b.version && a.stale === b.stale && sameContent(a, b);
}
