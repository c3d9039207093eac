/** What the annotator is doing: what is selected, hovered, filtered, and coded last. */

import { assignLevels, createIntervals } from "../parts/intervals.js";

/** Passages that overlap get different levels of tint; a style sheet knows this many. */
export const LEVELS = 3;

/** @type {Readonly<Record<"code"|"stance"|"annotator", string>>} */
const NO_FILTER = Object.freeze({ code: "", stance: "", annotator: "" });

/**
 * Exactly one thing is the target of a code's key: the selected text (a new passage) or the
 * selected annotation. Selecting one lets go of the other.
 *
 * Events: `selection`, `active`, `hover`, `filter`, `passages` (what is to be seen has changed;
 * its detail holds the ids), `caret`, `codes` (the codes used last), `codebook` (it has another code).
 */
export class UiState extends EventTarget {
  /** @type {Span|null} */
  selection = null;
  /** @type {string|null} id of an annotation */
  active = null;
  /** @type {string|null} id of an annotation */
  hover = null;
  /** @type {(Span & {id: string})|null} while an end is being dragged */
  preview = null;
  caret = 0; // code points
  filter = NO_FILTER;
  /** @type {string[]} slugs of the codes used last */
  recent = [];
  /** @type {readonly Annotation[]} */
  visible = [];
  intervals = createIntervals(this.visible);
  levels = assignLevels(this.visible, LEVELS);

  /**
   * @param {{store: Store, article: Article, codes: Code[], mayAnnotate: boolean}} parts
   */
  constructor({ store, article, codes, mayAnnotate }) {
    super();
    this.store = store;
    this.article = article;
    this.codes = new Map(codes.map((code) => [code.slug, code]));
    this.tellsApart = mayAnnotate; // one's own passages from those of others
    this.look();
    store.addEventListener("change", (/** @type {CustomEvent<Changes>} */ event) => {
      this.look();
      if (this.active && !store.get(this.active)) this.activate(null);
      this.tell("passages", event.detail);
    });
  }

  tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Read the store again: what is visible under the filter, where, and at which level. */
  look() {
    const { code, stance, annotator } = this.filter;
    const fits = (annotation) =>
      (!code || annotation.code === code) &&
      (!stance || (annotation.stance || "none") === stance) &&
      (!annotator || annotation.annotator === annotator);
    const all = this.store.all();
    this.visible = code || stance || annotator ? all.filter(fits) : all;
    this.intervals = createIntervals(this.visible);
    this.levels = assignLevels(this.visible, LEVELS);
  }

  /** @param {Span|null} span code points */
  select(span) {
    const same = span?.start === this.selection?.start && span?.end === this.selection?.end;
    if (span && this.active) this.activate(null);
    if (same) return;
    this.selection = span;
    this.tell("selection");
  }

  /** @param {string|null} id */
  activate(id) {
    if (id) this.select(null);
    if (id === this.active) return;
    const before = this.active;
    this.active = id;
    this.tell("active", { before });
  }

  /** @param {string|null} id */
  point(id) {
    if (id === this.hover) return;
    this.hover = id;
    this.tell("hover");
  }

  /** @param {number} offset code points */
  moveCaret(offset) {
    this.caret = offset;
    this.tell("caret");
  }

  /** @param {{id: string, start: number, end: number}|null} preview */
  show(preview) {
    this.preview = preview;
    this.tell("preview");
  }

  /** @param {Partial<typeof NO_FILTER>} change */
  narrow(change) {
    this.filter = Object.freeze({ ...this.filter, ...change });
    this.look();
    if (this.active && !this.visible.some(({ id }) => id === this.active)) this.activate(null);
    this.tell("filter");
    this.tell("passages", { added: [], changed: [], removed: [] });
  }

  get filtered() {
    return Object.values(this.filter).some(Boolean);
  }

  showAll() {
    this.narrow(NO_FILTER);
  }

  /** @returns {Annotation|null} the selected annotation */
  get current() {
    return this.active ? (this.store.get(this.active) ?? null) : null;
  }

  /** Annotations over the same text as the selected one, itself included, shortest first. */
  get stack() {
    const current = this.current;
    if (!current) return [];
    const touching = this.intervals.within(current.start, current.end);
    const shortest = (a, b) => a.end - a.start - (b.end - b.start) || a.start - b.start;
    return touching.sort(shortest);
  }

  /** @param {Code} code just added to the codebook */
  learnCode(code) {
    this.codes.set(code.slug, code);
    this.tell("codebook");
  }

  /** @param {string} slug */
  used(slug) {
    this.recent = [slug, ...this.recent.filter((other) => other !== slug)].slice(0, 6);
    this.tell("codes");
  }
}
