/**
 * The annotations of one source on the annotate page. Every change holds at once and is kept in the
 * browser before it is sent; it is sent in order, each once, through reloads and outages; what the
 * server holds is never overwritten unseen. Offsets are Unicode code points, half-open.
 */
import { systemClock } from "../lib/clock.js";
import { createLock } from "../lib/lock.js";
import { openStorage } from "../lib/storage.js";
import { uuid7 } from "../lib/uuid.js";
import { contentOf, editOf, FIELDS, pick, SourceDone, sameContent, takenBack } from "./content.js";
import { Queue } from "./queue.js";
import { theirsOf } from "./queue-entry.js";
import { readAll, readOne } from "./reading.js";
import { Sender } from "./sender.js";
import { History } from "./undo.js";
import { View } from "./view.js";

/**
 * @typedef {{config: StoreConfig, fetch?: typeof fetch, storage?: Storage|null, clock?: Clock}} Parts
 * @param {Parts} parts
 */
export function createStore(parts) {
  return new Store(parts);
}

class Store extends EventTarget {
  #config;
  #net;
  #storage;
  #queue;
  #view;
  #history;
  #sender;
  /** @type {import("./undo.js").Edit[]|null} */
  #step = null; // edits of the batch that is open
  /** @type {Map<string, Annotation|null>|null} */
  #heard = null; // what other answers said while annotations are being read
  #lastStatus = "";
  #ended = new AbortController();

  sourceDone = false; // the page sets it: every change then throws SourceDone and does nothing

  /** @param {Parts} parts */
  constructor({ config, fetch, storage, clock = systemClock }) {
    super();
    const name = `cstoannot:v1:${config.username}:${config.annotationsUrl}:${config.sourceId}:`;
    this.#config = config;
    this.#net = { fetch, clock };
    this.#storage = openStorage(name, storage);
    this.#queue = new Queue(this.#storage, clock, uuid7().slice(-6));
    this.#view = new View(this.#queue, config);
    this.#history = new History(this.#storage);
    this.#sender = new Sender({
      config,
      queue: this.#queue,
      lock: createLock(name, { storage: this.#storage, clock }),
      net: this.#net,
      hooks: {
        saved: () => this.#view.saved,
        done: (entry, annotation) => this.#done(entry, annotation),
        parked: (entry) => this.#learn(entry.id, theirsOf(entry)),
        status: () => this.#announce(),
      },
    });
    this.#listen();
  }

  /** Reads the annotations unless they were brought, lays the kept changes over them, and sends.
   * @param {Annotation[]|null} [brought] */
  async load(brought = null) {
    this.#queue.adopt({ prune: true });
    this.#showKept();
    const heard = new Map();
    this.#heard = heard;
    try {
      const annotations = brought ?? (await readAll(this.#config, this.#net));
      const rest = annotations.filter(({ id }) => !heard.has(id));
      this.#view.replace([...rest, ...[...heard.values()].filter(Boolean)]);
    } finally {
      this.#heard = null;
      this.#tell();
    }
  }

  all() {
    return this.#view.all();
  }

  get(id) {
    return this.#view.get(id);
  }

  /** Holds a new annotation at once. @returns {object} the annotation */
  add({ start, end, quote, code, stance = "", voice = "", note = "" }) {
    const id = uuid7();
    const content = { code, start, end, quote, stance, voice, note };
    this.batch(`Add ${code}`, () => this.#edit(id, content));
    return this.get(id);
  }

  /** Changes some fields. @returns {object|null} the annotation; null when there is none */
  change(id, patch) {
    this.#mustAnnotate();
    const current = this.get(id);
    if (!current) return null;
    const content = { ...contentOf(current), ...pick(patch, FIELDS) };
    if (!sameContent(content, current))
      this.batch(`Change ${current.code}`, () => this.#edit(id, content));
    return this.get(id);
  }

  /** @returns {boolean} whether there was something to remove */
  remove(id) {
    this.#mustAnnotate();
    const current = this.get(id);
    if (current) this.batch(`Remove ${current.code}`, () => this.#edit(id, null));
    return current !== null;
  }

  /** All edits inside `fn` are one step of undo, under the outermost label. @returns what fn returns */
  batch(label, fn) {
    this.#mustAnnotate(true);
    if (this.#step) return fn();
    this.#step = [];
    try {
      return fn();
    } finally {
      this.#history.record(label, this.#step);
      this.#step = null;
      this.#tell();
      this.dispatchEvent(new Event("steps"));
    }
  }

  /** What "undo" or "redo" would do next; the event `steps` tells that it changed. */
  next(direction) {
    return this.#config.mayAnnotate ? this.#history.next(direction) : null;
  }

  /** @returns {string|null} label of what was undone, or why it was skipped; null: nothing to undo */
  undo() {
    return this.#travel("undo");
  }

  redo() {
    return this.#travel("redo");
  }

  /** @returns {Conflict[]} null: removed on that side */
  conflicts() {
    return this.#view.conflicts();
  }

  /** Ends a conflict. @param {"mine"|"theirs"} choice mine goes on top of theirs; theirs stays */
  resolve(id, choice) {
    if (this.#queue.chain(id)[0]?.state !== "conflict") return;
    if (choice === "mine") this.#queue.override(id, this.#view.saved.get(id)?.version ?? null);
    else this.#queue.drop(id);
    this.#tell(id);
  }

  /** @returns {Refusal[]} */
  refused() {
    return this.#view.refused();
  }

  /** Sends a refused change again. */
  retry(id) {
    this.#queue.reopen(id);
    this.#tell(id);
    this.#sender.nudge();
  }

  /** Gives up a refused change; what the server holds is shown again. */
  discard(id) {
    if (this.#queue.chain(id)[0]?.state !== "refused") return;
    const uncertain = this.#queue.drop(id).some((entry) => entry.sent);
    this.#tell(id);
    if (uncertain) this.#ask(id);
  }

  /** Tries to send now. @returns {Promise<void>} when there is nothing more to try for the moment */
  flush() {
    return this.#sender.flush();
  }

  status() {
    return {
      ...this.#queue.counts(),
      online: this.#sender.online,
      signedOut: this.#sender.signedOut,
      storageFull: this.#queue.full,
    };
  }

  /** Ends all listening and sending; what waits stays kept. */
  close() {
    this.#ended.abort();
    this.#sender.close();
  }

  #mustAnnotate(now = false) {
    if (!this.#config.mayAnnotate) throw new Error("read-only");
    if (now && this.sourceDone) throw new SourceDone();
  }

  /** Makes one edit, within a batch. @returns {import("./undo.js").Edit} what it did */
  #edit(id, wanted) {
    const current = this.get(id);
    this.#queue.append(id, wanted, this.#view.saved.get(id)?.version ?? null);
    this.#view.refresh(id);
    const edit = editOf(id, current, wanted);
    this.#step?.push(edit);
    return edit;
  }

  #travel(direction) {
    this.#mustAnnotate(true);
    const label = this.#history[direction]((id, from, to) => this.#perform(id, from, to));
    this.#tell();
    this.dispatchEvent(new Event("steps"));
    return label;
  }

  #perform(id, from, to) {
    const content = takenBack(this.get(id), from, to);
    return content === undefined ? null : this.#edit(id, content);
  }

  #done(entry, annotation) {
    this.#learn(entry.id, annotation);
    // Other tabs hear what came of it before they hear that the entry is gone.
    this.#storage.set("done", { covers: entry.covers, id: entry.id, annotation });
    this.#storage.remove("done");
    this.#queue.settle(entry, annotation?.version ?? null);
    this.#view.refresh(entry.id);
  }

  #learn(id, annotation) {
    if (annotation === undefined) return this.#view.refresh(id);
    this.#heard?.set(id, annotation);
    this.#view.learn(id, annotation);
  }

  /** After an edit or an answer: shows it, and sends what is to be sent. */
  #tell(id) {
    if (id) this.#view.refresh(id);
    this.#announce();
    this.#sender.kick();
  }

  #showKept() {
    for (const id of this.#queue.ids())
      this.#learn(id, theirsOf(this.#queue.chain(id)[0]) ?? undefined);
    this.#announce();
  }

  async #ask(id) {
    this.#learn(id, await readOne(this.#config, id, this.#net));
    this.#announce();
  }

  /** Tells the page what changed. Within a batch nothing is told until its end. */
  #announce() {
    if (this.#step) return;
    const changes = this.#view.takeChanges();
    if (changes) this.dispatchEvent(new CustomEvent("change", { detail: changes }));
    const status = this.status();
    const text = JSON.stringify(status);
    if (text === this.#lastStatus) return;
    this.#lastStatus = text;
    this.dispatchEvent(new CustomEvent("status", { detail: status }));
  }

  /** Another tab wrote something. */
  #hear(key, value) {
    if (key === null) this.#queue.rewrite();
    else if (key === "done" && value) {
      this.#sender.heard();
      this.#queue.answered(value.covers, value.annotation?.version ?? null);
      this.#learn(value.id, value.annotation);
    } else if (!this.#history.receive(key)) {
      const id = this.#queue.receive(key);
      if (id) this.#learn(id, theirsOf(this.#storage.get(key)));
    } else this.dispatchEvent(new Event("steps"));
    this.#announce();
    this.#sender.kickLater();
  }

  #listen() {
    const { signal } = this.#ended;
    const on = (target, name, heard) => target.addEventListener(name, heard, { signal });
    this.#storage.listen((key, value) => this.#hear(key, value), signal);
    for (const name of ["online", "focus", "pagehide"])
      on(globalThis, name, () => this.#sender.nudge());
    on(globalThis, "offline", () => this.#sender.lost());
    // Back from the browser's page cache: what other tabs did meanwhile was not heard.
    on(globalThis, "pageshow", (event) => event.persisted && this.load().catch(() => {}));
  }
}
