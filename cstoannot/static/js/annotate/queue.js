/**
 * Changes on their way to the server, kept in storage before anything is sent.
 *
 * Each change is an entry of its own, so that tabs never overwrite each other's. Edits only append;
 * who holds the sending lock joins entries and marks the one on its way, which from then on stays
 * as it is until the server has answered. The entries of one annotation form its chain, and only
 * the first of a chain can be on its way, in conflict, or refused.
 */
import { isNothing } from "./queue-entry.js";

const PREFIX = "queue:";

export class Queue {
  #storage;
  #clock;
  /** @type {Map<string, Entry[]>} */
  #chains = new Map(); // annotation id → its entries in order
  /** @type {Map<string, Entry>} */
  #entries = new Map(); // key → entry
  #unkept = new Set(); // keys of entries that storage had no room for
  /** @type {Map<string|null, number|null>} */
  #answered = new Map(); // key of a sent entry → version it led to, for entries made before that was known
  #last = 0;
  #tab;

  /** @param {Corner} storage @param {Clock} clock @param {string} tab */
  constructor(storage, clock, tab) {
    this.#storage = storage;
    this.#clock = clock;
    this.#tab = tab;
    this.adopt();
  }

  /**
   * Takes in what other tabs, or this page before a reload, have kept.
   * @param {{prune?: boolean}} [options] prune: forget what storage no longer holds, because what
   *     other tabs did meanwhile is about to be read from the server
   */
  adopt({ prune = false } = {}) {
    for (const key of this.#storage.keys(PREFIX)) {
      const entry = this.#storage.get(key);
      if (entry) this.#place(entry);
    }
    for (const key of [...this.#unkept]) this.#keep(/** @type {Entry} */ (this.#entries.get(key)));
    if (!prune) return;
    for (const entry of [...this.#entries.values()]) if (!this.holds(entry)) this.#unplace(entry);
  }

  /**
   * Another tab wrote or removed an entry. Word of that can come late, when this tab has sent and
   * settled the entry already: so what storage holds now counts, not what it held then.
   * @param {string} storageKey
   * @returns {string|null} annotation id
   */
  receive(storageKey) {
    if (!storageKey.startsWith(PREFIX)) return null;
    const entry = this.#storage.get(storageKey);
    if (entry) return this.#place(entry).id;
    const gone = this.#entries.get(storageKey.slice(PREFIX.length));
    if (gone) this.#unplace(gone);
    return gone?.id ?? null;
  }

  /** Writes everything again after storage was cleared. */
  rewrite() {
    for (const entry of this.#entries.values()) this.#keep(entry);
  }

  ids() {
    return [...this.#chains.keys()];
  }

  /** The entries of an annotation, oldest first. @param {string} id @returns {Entry[]} */
  chain(id) {
    return this.#chains.get(id) ?? [];
  }

  /** True while some change is held by this page alone. */
  get full() {
    return this.#unkept.size > 0;
  }

  /**
   * Keeps one more change.
   * @param {string} id
   * @param {Content|null} wanted
   * @param {number|null} version of the server's state it was made on
   */
  append(id, wanted, version) {
    const chain = this.chain(id);
    if (chain[0]?.state === "refused") this.reopen(id);
    this.#last += 1;
    const key = `${String(this.#last).padStart(12, "0")}-${this.#tab}`;
    const follows = chain.at(-1)?.key ?? null;
    const entry = { key, id, wanted, version, follows, covers: [key], at: this.#clock.now() };
    this.#keep(this.#place({ ...entry, sent: false, state: "waiting" }));
  }

  /**
   * Joins the entries of a chain that were certainly never sent.
   * @param {string} id
   * @param {Annotation|undefined} saved the annotation as the server last showed it
   */
  join(id, saved) {
    const chain = this.chain(id);
    if (chain[0]?.state !== "waiting" || !this.#holdsAll(id)) return;
    const [first, ...rest] = chain[0].sent ? chain.slice(1) : chain;
    if (!first) return;
    const version = this.#versionFor(first);
    const { wanted } = rest.at(-1) ?? first;
    if (!chain[0].sent && isNothing(wanted, version, saved)) {
      for (const entry of [first, ...rest]) this.#forget(entry);
    } else if (rest.length || version !== first.version) {
      const covers = [first, ...rest].flatMap((entry) => entry.covers);
      this.#update(first, { wanted, version, covers });
      for (const entry of rest) this.#forget(entry);
    }
  }

  /** @param {Map<string, Annotation>} saved */
  joinAll(saved) {
    for (const id of this.ids()) this.join(id, saved.get(id));
  }

  /**
   * The oldest entry that can be sent.
   * @param {Map<string, Annotation>} saved annotations as the server last showed them
   * @param {Set<string>} except ids left for later
   * @returns {Entry|null}
   */
  next(saved, except) {
    const skipped = new Set(except);
    for (;;) {
      const oldest = this.#oldest(skipped);
      if (!oldest) return null;
      this.join(oldest.id, saved.get(oldest.id));
      const [head] = this.chain(oldest.id);
      if (head && this.#holdsAll(head.id)) return head;
      skipped.add(oldest.id);
    }
  }

  /** Marks an entry as one the server may have acted on. @param {Entry} entry */
  markSent(entry) {
    if (!entry.sent) this.#update(entry, { sent: true });
  }

  /** The server certainly did not act on it. @param {Entry} entry */
  markUnsent(entry) {
    if (this.holds(entry)) this.#update(entry, { sent: false });
  }

  /** Whether an entry still waits, here or in another tab. @param {Entry} entry */
  holds(entry) {
    return this.#unkept.has(entry.key) || this.#storage.has(PREFIX + entry.key);
  }

  /**
   * An entry was done, here or in another tab; what was made on top of it goes on from `version`.
   * @param {string[]} covers
   * @param {number|null} version
   */
  answered(covers, version) {
    for (const key of covers) this.#answered.set(key, version);
  }

  /**
   * Takes a done entry out; the next of its chain is rewritten first, in case the page dies between.
   * @param {Entry} entry
   * @param {number|null} version
   */
  settle(entry, version) {
    this.answered(entry.covers, version);
    const [, next] = this.chain(entry.id);
    if (next) this.#update(next, { version: this.#versionFor(next), follows: null });
    this.#forget(entry);
  }

  /** Sets an entry aside until its user decides; the others go on.
   * @param {Entry} entry @param {EntryState} state @param {Partial<Entry>} facts */
  park(entry, state, facts) {
    this.#update(entry, { state, ...facts });
  }

  /** Lets a refused entry try again. @param {string} id */
  reopen(id) {
    const [head] = this.chain(id);
    if (head?.state === "refused")
      this.#update(head, { state: "waiting", detail: undefined, problem: undefined });
  }

  /** Sends an entry in conflict again, on top of the version that stands on the server.
   * @param {string} id @param {number|null} version */
  override(id, version) {
    const [head] = this.chain(id);
    this.#update(head, {
      state: "waiting",
      version,
      follows: null,
      sent: false,
      theirs: undefined,
    });
  }

  /** Gives up all changes to an annotation. @param {string} id @returns {Entry[]} what was dropped */
  drop(id) {
    const chain = [...this.chain(id)];
    // From the end: a page that dies half-way leaves a chain that still begins at its beginning.
    for (const entry of chain.reverse()) this.#forget(entry);
    return chain;
  }

  /** First entries of the chains in this state. @param {EntryState} state */
  parked(state) {
    return [...this.#chains.values()]
      .map(([first]) => first)
      .filter((first) => first.state === state);
  }

  /** Numbers of changes; those pending are counted as they would be after joining */
  counts() {
    const counts = { pending: 0, conflicts: 0, refused: 0 };
    for (const [first, ...rest] of this.#chains.values()) {
      if (first.state === "conflict") counts.conflicts += 1;
      else if (first.state === "refused") counts.refused += 1;
      else if (first.sent) counts.pending += rest.length ? 2 : 1;
      else if (first.version !== null || (rest.at(-1) ?? first).wanted) counts.pending += 1;
    }
    return counts;
  }

  /** What storage no longer holds was settled by another tab, and word of it is on its way. @param {string} id */
  #holdsAll(id) {
    return this.chain(id).every((entry) => this.holds(entry));
  }

  /** @param {Set<string>} skipped */
  #oldest(skipped) {
    /** @type {Entry|null} */
    let oldest = null;
    for (const [first] of this.#chains.values()) {
      if (first.state !== "waiting" || skipped.has(first.id)) continue;
      if (!oldest || first.key < oldest.key) oldest = first;
    }
    return oldest;
  }

  /** @param {Entry} entry */
  #versionFor(entry) {
    const known = this.#answered.get(entry.follows);
    return known === undefined ? entry.version : known;
  }

  /** @param {Entry} entry */
  #keep(entry) {
    if (this.#storage.set(PREFIX + entry.key, entry)) this.#unkept.delete(entry.key);
    else this.#unkept.add(entry.key);
  }

  /** @param {Entry} entry @param {Partial<Entry>} facts */
  #update(entry, facts) {
    Object.assign(entry, facts);
    this.#keep(entry);
  }

  /** @param {Entry} entry */
  #forget(entry) {
    this.#storage.remove(PREFIX + entry.key);
    this.#unkept.delete(entry.key);
    this.#unplace(entry);
  }

  /** Puts an entry in its place; of one that is known already, its newer facts are taken over. @param {Entry} entry */
  #place(entry) {
    this.#last = Math.max(this.#last, Number.parseInt(entry.key, 10));
    const chain = this.chain(entry.id);
    const known = this.#entries.get(entry.key);
    if (known) return this.#unkept.has(known.key) ? known : Object.assign(known, entry);
    chain.push(entry);
    if (chain.length > 1)
      chain.sort((a, b) => Number(b.sent) - Number(a.sent) || (a.key < b.key ? -1 : 1));
    this.#chains.set(entry.id, chain);
    this.#entries.set(entry.key, entry);
    return entry;
  }

  /** @param {Entry} entry */
  #unplace(entry) {
    this.#entries.delete(entry.key);
    const rest = this.chain(entry.id).filter((one) => one.key !== entry.key);
    if (rest.length) this.#chains.set(entry.id, rest);
    else this.#chains.delete(entry.id);
  }
}
