/**
 * Undo and redo, kept in storage. A step holds edits by content, never by version, so it can still be
 * taken back after a reload, or after the server has given the annotation a new version.
 */

/**
 * @typedef {object} Edit content before and after, null where there was or is no annotation; for a
 *     change only the fields that changed
 * @property {string} id of the annotation
 * @property {Partial<Content>|null} before
 * @property {Partial<Content>|null} after
 *
 * @typedef {{label: string, edits: Edit[]}} Step
 * @typedef {"undo"|"redo"} Direction
 * @typedef {(id: string, from: Edit["before"], to: Edit["after"]) => Edit|null} Perform
 */

/** One stack of steps, each under its own key, newest last. */
class Stack {
  #storage;
  #prefix;
  /** @type {Map<string, Step>} */
  #steps = new Map(); // key → step, in order
  #last = 0;

  /** @param {Corner} storage @param {string} name */
  constructor(storage, name) {
    this.#storage = storage;
    this.#prefix = `${name}:`;
    for (const key of storage.keys(this.#prefix)) this.receive(key);
  }

  /**
   * Another tab wrote or removed a step, perhaps long ago: what storage holds now counts.
   * @param {string} key
   * @returns {boolean} whether the key is one of this stack's
   */
  receive(key) {
    if (!key.startsWith(this.#prefix)) return false;
    const step = this.#storage.get(key);
    this.#last = Math.max(this.#last, Number.parseInt(key.slice(this.#prefix.length), 10));
    if (step) this.#steps.set(key, step);
    else this.#steps.delete(key);
    return true;
  }

  /** @param {Step} step @param {number} limit */
  push(step, limit) {
    this.#last += 1;
    const key = `${this.#prefix}${String(this.#last).padStart(12, "0")}`;
    this.#steps.set(key, step);
    this.#storage.set(key, step);
    while (this.#steps.size > limit) this.#drop([...this.#steps.keys()][0]);
  }

  get #lastKey() {
    return [...this.#steps.keys()].sort().at(-1) ?? "";
  }

  get last() {
    return this.#steps.get(this.#lastKey) ?? null;
  }

  pop() {
    const { last } = this;
    if (last) this.#drop(this.#lastKey);
    return last;
  }

  clear() {
    for (const key of [...this.#steps.keys()]) this.#drop(key);
  }

  /** @param {string} key */
  #drop(key) {
    this.#steps.delete(key);
    this.#storage.remove(key);
  }
}

export class History {
  #undo;
  #redo;
  #limit;

  /** @param {Corner} storage @param {number} limit how many steps are kept */
  constructor(storage, limit = 500) {
    this.#undo = new Stack(storage, "undo");
    this.#redo = new Stack(storage, "redo");
    this.#limit = limit;
  }

  /** @param {"undo"|"redo"} direction @returns {Step|null} */
  next(direction) {
    return (direction === "undo" ? this.#undo : this.#redo).last;
  }

  /** @param {string} key */
  receive(key) {
    return this.#undo.receive(key) || this.#redo.receive(key);
  }

  /**
   * Adds a step; what had been undone can no longer be redone.
   * @param {string} label
   * @param {Edit[]} edits
   */
  record(label, edits) {
    if (!edits.length) return;
    this.#undo.push({ label, edits }, this.#limit);
    this.#redo.clear();
  }

  /**
   * @param {Perform} perform makes one edit
   *     and says what it did; null when the annotation is no longer as the step left it
   * @returns {string|null} what was undone, null when there was nothing
   */
  undo(perform) {
    return this.#move(this.#undo, this.#redo, perform);
  }

  /** @param {Perform} perform */
  redo(perform) {
    return this.#move(this.#redo, this.#undo, perform);
  }

  /** @param {Stack} from @param {Stack} to @param {Perform} perform */
  #move(from, to, perform) {
    const step = from.pop();
    if (!step) return null;
    const { label, edits } = step;
    const done = [...edits].reverse().map(({ id, before, after }) => perform(id, after, before));
    const made = done.filter((edit) => edit !== null);
    if (made.length) to.push({ label, edits: made }, this.#limit);
    return made.length ? label : `${label}: skipped, it was changed or removed elsewhere`;
  }
}

const STEP = /^(?:Add|Change|Remove) (\S+)$/;
/** @type {Record<string, string>} */
const CHANGED = { start: "the ends", end: "the ends", stance: "the stance", voice: "the voice" };

/**
 * What a step did to the passages: "coded Treaty", "changed the stance of Treaty".
 * @param {Step} step
 * @param {"undo"|"redo"} direction a step to redo holds what undoing it did
 * @param {(slug: string) => string} nameOf the name of a code
 */
export function describeStep({ label, edits }, direction, nameOf) {
  const [, slug] = STEP.exec(label) ?? [];
  if (!slug) return label.slice(0, 1).toLowerCase() + label.slice(1);
  const [edit] = edits;
  const [from, to] = direction === "undo" ? [edit.before, edit.after] : [edit.after, edit.before];
  const name = nameOf(slug);
  if (!from) return `coded ${name}`;
  if (!to) return `deleted ${name}`;
  if (to.code) return `changed ${nameOf(from.code ?? "")} to ${nameOf(to.code)}`;
  const field = Object.keys(to).find((key) => CHANGED[key]);
  return `changed ${CHANGED[field ?? ""] ?? "the note"} of ${name}`;
}
