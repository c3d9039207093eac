/** The reading caret: walking through the text and selecting in it with the keyboard alone. */

import { LINE_END } from "../lib/offsets.js";
import { Movement } from "../parts/movement.js";

const SPOKEN = 240; // characters of a selection that are read out whole

export class Caret {
  #uiState;
  #article;
  #mark;
  #announce;
  #anchor = null; // code points: where the extending began

  /**
   * @param {{uiState: UiState, article: Article, mark: HTMLElement, announce: Announce}} parts `mark`
   *   is the element that shows where the caret is; it stands beside the article, not in it
   */
  constructor({ uiState, article, mark, announce }) {
    this.#uiState = uiState;
    this.#article = article;
    this.#mark = mark;
    this.#announce = announce;
    this.movement = new Movement(article);
    const draw = () => this.#draw();
    for (const type of ["caret", "active", "passages"]) uiState.addEventListener(type, draw);
    for (const type of ["focus", "blur"]) article.root.addEventListener(type, draw);
    new ResizeObserver(draw).observe(article.root);
  }

  /** @param {import("../parts/movement.js").Step} step */
  move(step, forward) {
    const at = this.movement.seek(step, this.#origin, forward, "start");
    this.#go(at, at);
    this.#say(this.movement.around(step, at) ?? { start: at, end: at });
  }

  /** @param {import("../parts/movement.js").Step} step */
  extend(step, forward) {
    const from = this.#extendFrom;
    const to = this.#uiState.selection ? this.#uiState.caret : from;
    const growing = forward ? to >= from : to > from;
    this.#go(from, this.movement.seek(step, to, forward, growing ? "end" : "start"));
  }

  /** To the start or end of the paragraph, or with `all` of the text. */
  jump(forward, all, extending) {
    const line = this.#article.paragraphs[this.movement.paragraphAt(this.#origin)];
    const place = all || !line ? { start: 0, end: this.#article.length } : line;
    const to = forward ? place.end : place.start;
    this.#go(extending ? this.#extendFrom : to, to);
  }

  /** Widen the selection to whole words or sentences; with none, take the one at the caret. */
  snap(step) {
    const span = this.#uiState.selection ?? this.movement.around(step, this.#origin);
    if (!span) return;
    const { start, end } = this.movement.snap(step, span);
    this.#go(start, end);
  }

  /** Where walking begins: at the caret, or at the selected annotation if that is elsewhere. */
  get #origin() {
    const { selection, current, caret } = this.#uiState;
    if (selection || !current) return caret;
    return caret < current.start || caret > current.end ? current.start : caret;
  }

  /** A selection made by the mouse is extended from its start. */
  get #extendFrom() {
    const { selection, caret } = this.#uiState;
    if (!selection) return this.#origin;
    if (this.#anchor === selection.start || this.#anchor === selection.end) return this.#anchor;
    return caret === selection.start ? selection.end : selection.start;
  }

  #go(from, to) {
    const span = { start: Math.min(from, to), end: Math.max(from, to) };
    const empty = span.start === span.end;
    this.#anchor = from;
    this.#uiState.activate(null);
    this.#article.select(from, to); // so that it can be copied and read aloud
    this.#uiState.select(empty ? null : span);
    this.#uiState.moveCaret(to);
    this.#article.reveal(to, { calm: true });
    if (!empty) this.#say(span, "Selected: ");
  }

  #say({ start, end }, lead = "") {
    const words = this.#article.slice(start, end).replace(/\s+/gu, " ").trim();
    const long = words.length > SPOKEN;
    this.#announce(lead + (long ? `${words.slice(0, 150)} … ${words.slice(-60)}` : words));
  }

  #draw() {
    const { root, length } = this.#article;
    const at = Math.min(this.#uiState.caret, length);
    const atEnd = at > 0 && (at === length || LINE_END.test(this.#article.slice(at, at + 1)));
    const shown = document.activeElement === root && !this.#uiState.active;
    const box = shown ? this.#article.rectangle(atEnd ? at - 1 : at) : null;
    this.#mark.hidden = !box;
    if (!box) return;
    const origin = this.#mark.parentElement.getBoundingClientRect();
    const far = atEnd !== this.#article.isRightToLeft(atEnd ? at - 1 : at);
    this.#mark.style.top = `${box.top - origin.top}px`;
    this.#mark.style.left = `${(far ? box.right : box.left) - origin.left}px`;
    this.#mark.style.height = `${box.height}px`;
  }
}
