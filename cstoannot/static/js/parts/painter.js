/**
 * Paint passages with the CSS Custom Highlight API: one `Highlight` per code and level, holding
 * only what lies near the view, changed by difference.
 */

import { PaintedParagraphs } from "./painted.js";

/** Under our prefix, with a rule in the codebook's style sheet; a kind is a level or `selected`. */
const nameOf = (kind, slug) => `cstoannot-${kind}-${slug}`;
const OTHER = "cstoannot-other";

const PRIORITY = { other: 8, selected: 10, hover: 12, pending: 20 };

/** @returns {boolean} whether this browser can paint */
export const canPaint = () =>
  typeof Highlight === "function" && Boolean(globalThis.CSS?.highlights);

function highlight(name, priority) {
  const known = CSS.highlights.get(name);
  if (known) return known;
  const made = new Highlight();
  made.priority = priority;
  CSS.highlights.set(name, made);
  return made;
}

/** @typedef {Span & {name: string, kind: string, code?: string, range: AbstractRange}} Painted */

export class Painter {
  #uiState;
  #article;
  #paragraphs;
  /** @type {Map<string, Painted>} by id */
  #shown = new Map();
  /** @type {Map<string, Painted>} by role */
  #single = new Map();
  #singles = []; // what draws them

  /** @param {{uiState: PaintedState, article: Article}} parts */
  constructor({ uiState, article }) {
    this.#uiState = uiState;
    this.#article = article;
    this.#paragraphs = new PaintedParagraphs(article.paragraphs);
    this.#followSingles();
  }

  /**
   * @param {Passage[]} passages the annotations near the view
   * @returns {number} how many are painted
   */
  draw(passages) {
    const wanted = new Set(passages.map(({ id }) => id));
    for (const id of [...this.#shown.keys()]) if (!wanted.has(id)) this.#drop(id);
    for (const passage of passages) this.#put(passage);
    this.#paragraphs.apply();
    return this.#shown.size;
  }

  /** Paint anew: the text nodes that ranges stood on have been replaced. */
  refresh(passages) {
    for (const id of [...this.#shown.keys()]) this.#drop(id);
    for (const draw of this.#singles) draw();
    return this.draw(passages);
  }

  /** @param {Passage} passage */
  #put({ id, code, start, end, mine }) {
    const level = this.#uiState.levels.get(id) ?? 0;
    const kind = String(level + 1);
    const name = nameOf(kind, code);
    const before = this.#shown.get(id);
    const still = before && before.start === start && before.end === end;
    if (still && before.name === name) return;
    const range = still ? before.range : this.#article.range(start, end);
    this.#paragraphs.add({ kind, code, start, end });
    if (before) this.#drop(id);
    highlight(name, level).add(range);
    if (!mine && this.#uiState.tellsApart) highlight(OTHER, PRIORITY.other).add(range);
    this.#shown.set(id, { name, kind, code, start, end, range });
  }

  #drop(id) {
    const shown = this.#shown.get(id);
    if (!shown) return;
    const { name, range, ...passage } = shown;
    this.#paragraphs.remove(passage);
    CSS.highlights.get(name)?.delete(range);
    CSS.highlights.get(OTHER)?.delete(range);
    this.#shown.delete(id);
  }

  /** The few single ranges: selected, hovered, and text that waits for its code. */
  #followSingles() {
    const uiState = this.#uiState;
    const on = (target, types, work) => {
      this.#singles.push(work);
      for (const type of types) target.addEventListener(type, work);
    };
    on(uiState, ["active", "passages", "preview"], () => {
      const { current, preview } = uiState;
      const span = current && preview?.id === current.id ? preview : current;
      const code = current?.code;
      this.#set("selected", code ? nameOf("selected", code) : "", span, code);
    });
    on(uiState, ["active", "passages", "hover"], () => {
      const hovered = uiState.hover === uiState.active ? null : uiState.hover;
      this.#set("hover", "cstoannot-hover", hovered && uiState.store.get(hovered));
    });
    // While a field has the focus the browser no longer shows what is selected in the text.
    const pending = () => {
      const typing = document.activeElement?.matches("input, textarea, select");
      this.#set("pending", "cstoannot-pending", typing ? uiState.selection : null);
    };
    on(uiState, ["selection"], pending);
    on(document, ["focusin", "focusout"], () => queueMicrotask(pending));
  }

  /** @param {string} [code] whose rules the highlight takes; without one they fit everywhere */
  #set(role, name, span, code) {
    const before = this.#single.get(role);
    if (before && isSame(before, name, span)) return;
    this.#single.delete(role);
    if (span && span.start < span.end) {
      const { start, end } = span;
      const painted = {
        name,
        kind: role,
        code,
        start,
        end,
        range: this.#article.range(start, end),
      };
      if (code) this.#paragraphs.add(painted);
      highlight(name, PRIORITY[role]).add(painted.range);
      this.#single.set(role, painted);
    }
    if (before) {
      CSS.highlights.get(before.name)?.delete(before.range);
      if (before.code) this.#paragraphs.remove(before);
    }
    this.#paragraphs.apply();
  }
}

/** Whether a highlight is there already: each change has the browser paint all highlights anew. */
function isSame({ name, start, end, range }, wanted, span) {
  const isThere = name === wanted && start === span?.start && end === span?.end;
  return isThere && range.startContainer.isConnected; // after printing it stands on other text nodes
}
