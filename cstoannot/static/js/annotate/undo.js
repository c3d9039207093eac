/**
 * Undo and redo, kept in storage. A step holds edits by content, never by version, so it can still be
 * taken back after a reload, or after the server has given the annotation a new version.
 */

/**
 * @typedef {object} Edit content before and after, null where there was or is no annotation; for a
 *     change only the fields that changed
 * @property {string} id of the annotation
 * @property {object|null} before
 * @property {object|null} after
 */

/** One stack of steps, each under its own key, newest last. */
class Stack {
  #storage;
  #prefix;
  #steps = new Map(); // key → step, in order
  #last = 0;

  constructor(storage, name) {
    this.#storage = storage;
    this.#prefix = `${name}:`;
    for (const key of storage.keys(this.#prefix)) this.receive(key);
  }

  get size() {
    return this.#steps.size;
  }

  /**
   * Another tab wrote or removed a step, perhaps long ago: what storage holds now counts.
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

  push(step, limit) {
    this.#last += 1;
    const key = `${this.#prefix}${String(this.#last).padStart(12, "0")}`;
    this.#steps.set(key, step);
    this.#storage.set(key, step);
    while (this.#steps.size > limit) this.#drop(this.#steps.keys().next().value);
  }

  get last() {
    return this.#steps.get([...this.#steps.keys()].sort().at(-1)) ?? null;
  }

  pop() {
    const key = [...this.#steps.keys()].sort().at(-1);
    const step = this.#steps.get(key);
    this.#drop(key);
    return step;
  }

  clear() {
    for (const key of [...this.#steps.keys()]) this.#drop(key);
  }

  #drop(key) {
    this.#steps.delete(key);
    this.#storage.remove(key);
  }
}

export class History {
  #undo;
  #redo;
  #limit;

  /** @param {object} storage from openStorage @param {number} limit how many steps are kept */
  constructor(storage, limit = 500) {
    this.#undo = new Stack(storage, "undo");
    this.#redo = new Stack(storage, "redo");
    this.#limit = limit;
  }

  /** @param {"undo"|"redo"} direction @returns {{label: string, edits: Edit[]}|null} */
  next(direction) {
    return (direction === "undo" ? this.#undo : this.#redo).last;
  }

  receive(key) {
    return this.#undo.receive(key) || this.#redo.receive(key);
  }

  /** Adds a step; what had been undone can no longer be redone. */
  record(label, edits) {
    if (!edits.length) return;
    this.#undo.push({ label, edits }, this.#limit);
    this.#redo.clear();
  }

  /**
   * @param {(id: string, from: object|null, to: object|null) => Edit|null} perform makes one edit
   *     and says what it did; null when the annotation is no longer as the step left it
   * @returns {string|null} what was undone, null when there was nothing
   */
  undo(perform) {
    return this.#move(this.#undo, this.#redo, perform);
  }

  redo(perform) {
    return this.#move(this.#redo, this.#undo, perform);
  }

  #move(from, to, perform) {
    if (!from.size) return null;
    const { label, edits } = from.pop();
    const done = [...edits].reverse().map(({ id, before, after }) => perform(id, after, before));
    const made = done.filter(Boolean);
    if (made.length) to.push({ label, edits: made }, this.#limit);
    return made.length ? label : `${label}: skipped, it was changed or removed elsewhere`;
  }
}

const STEP = /^(?:Add|Change|Remove) (\S+)$/;
const CHANGED = { start: "the ends", end: "the ends", stance: "the stance", voice: "the voice" };

/**
 * What a step did to the passages: "coded Treaty", "changed the stance of Treaty".
 * @param {{label: string, edits: Edit[]}} step
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
  if (to.code) return `changed ${nameOf(from.code)} to ${nameOf(to.code)}`;
  const field = Object.keys(to).find((key) => CHANGED[key]);
  return `changed ${CHANGED[field] ?? "the note"} of ${name}`;
}
