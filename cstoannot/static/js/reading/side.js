/** One of the articles that stand side by side: which of its passages are shown, and which is on. */

import { openArticle } from "../parts/article.js";
import { assignLevels, createIntervals } from "../parts/intervals.js";
import { Marks, markForPrint } from "../parts/marks.js";
import { followView } from "../parts/nearby.js";
import { canPaint, Painter } from "../parts/painter.js";
import { Stripes } from "../parts/stripes.js";
import { describe } from "./said.js";

/**
 * @typedef {ReturnType<typeof describe>} ShownPassage
 * @typedef {{slug: string, name: string, claim: string}} Claim
 * @typedef {{state: string, split: boolean, passages: number}} Cell of the matrix
 */

/** Passages that overlap get different levels of tint; a style sheet knows this many. */
const LEVELS = 3;

/**
 * What the painter, the marks and the stripes look at. Nothing is edited here: there is no
 * selection of text, and nobody's passages are one's own.
 *
 * Events: `active`, `claim`, `hover`, `passages`.
 */
export class Side extends EventTarget {
  /** @type {Map<string, ShownPassage[]>} by slug */
  #byClaim = new Map();
  tellsApart = false;
  selection = null;
  preview = null;
  /** @type {string|null} id of a passage */
  active = null;
  /** @type {string|null} id of a passage */
  hover = null;
  claim = "";
  /** @type {ShownPassage[]} */
  visible = [];
  intervals = createIntervals(this.visible);
  levels = assignLevels(this.visible, LEVELS);

  /**
   * @param {{root: HTMLElement, claims: Map<string, Claim>, title: string, address: string,
   *   passages: Parameters<typeof describe>[0][], cells: Record<string, Cell>}} parts `cells`:
   *   where it stands on a claim
   */
  constructor({ root, claims, title, address, passages, cells }) {
    super();
    this.root = root;
    this.title = title;
    this.address = address;
    this.cells = cells;
    this.claims = claims;
    this.codes = claims;
    this.article = openArticle(root.querySelector(".text"), root.querySelector(".scroller"));
    this.passages = passages.map((passage) => describe(passage));
    for (const passage of this.passages) {
      const before = this.#byClaim.get(passage.code);
      if (before) before.push(passage);
      else this.#byClaim.set(passage.code, [passage]);
    }
    const known = new Map(this.passages.map((passage) => [passage.id, passage]));
    this.store = { get: (/** @type {string} */ id) => known.get(id) ?? null };
    this.narrow("");
  }

  /** @param {string} code its slug; empty shows the passages of all chosen codes */
  narrow(code) {
    this.visible = code ? this.of(code) : this.passages;
    this.intervals = createIntervals(this.visible);
    this.levels = assignLevels(this.visible, LEVELS);
    this.#tell("passages");
  }

  /** The passages of a code, in the order of the text. */
  of(code) {
    return this.#byClaim.get(code) ?? [];
  }

  get current() {
    return this.active ? this.store.get(this.active) : null;
  }

  /** @param {string} slug the claim that is open, for all articles alike */
  turnTo(slug) {
    if (slug === this.claim) return;
    this.claim = slug;
    this.#tell("claim");
  }

  /** @param {string|null} id */
  activate(id) {
    if (id === this.active) return;
    this.active = id;
    this.#tell("active");
  }

  /**
   * Scroll to the passage that is on, at once: in a smooth movement the browser paints all
   * highlights of both articles anew in each frame.
   */
  reveal() {
    if (this.current) this.article.reveal(this.current.start, { calm: true });
  }

  /** @param {string|null} id */
  point(id) {
    if (id === this.hover) return;
    this.hover = id;
    this.#tell("hover");
  }

  #tell(type) {
    this.dispatchEvent(new CustomEvent(type));
  }
}

/**
 * Paint what is near the view, by highlights or by marks, and draw the signs beside it.
 * @param {Side} side
 * @param {(id: string) => void} onPick
 */
export function paint(side, onPick) {
  const { article, root } = side;
  const marks = new Marks({ uiState: side, article });
  const forced = new URLSearchParams(location.search).get("paint") === "marks";
  const painter = canPaint() && !forced ? new Painter({ uiState: side, article }) : null;
  const stripes = new Stripes({
    root: root.querySelector(".stripes"),
    uiState: side,
    article,
    onPick,
    onMore: ([first]) => onPick(first),
    brief: true,
    redraw: () => look.soon(),
  });
  let shown = [];
  function draw(passages, span, measured) {
    shown = passages;
    if (painter) painter.draw(passages);
    else marks.draw(span);
    stripes.draw(passages, measured);
  }
  const measure = (passages) => stripes.measure(passages);
  const look = followView({ uiState: side, article, measure, draw });
  if (!painter) side.addEventListener("active", look);
  markForPrint({ marks, article, after: () => (painter ? painter.refresh(shown) : look()) });
  look();
}
