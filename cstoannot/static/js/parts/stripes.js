/** Coding stripes in the margin: a bar beside each passage near the view, with code and stance. */

import { element } from "./element.js";
import { assignLanes } from "./intervals.js";
import { cluster, createRuler, placeLabels } from "./stripe-layout.js";
import { oncePerFrame } from "./timing.js";

const GLYPHS = { supports: "▲", opposes: "▼", mixed: "◆" };
const LANES = 6;
const NARROW_LANES = 3;
const PITCH = 8; // pixels from one lane to the next
const COUNT = 26; // pixels that a "+n" takes
const LABELLED = 80; // pixels from which there is room for labels
const NAMED = 36; // pixels of a label from which a name says something

export class Stripes {
  #root;
  #uiState;
  #brief;
  #onMore;
  #redraw;
  #measurePlaces;
  #bars = new Map(); // id → element
  #buttons = [];
  #drawn = [];

  /**
   * @param {{root: HTMLElement, uiState: PaintedState, article: Article,
   *   onMore: (ids: string[]) => void, onPick: (id: string) => void, redraw: () => void, brief?: boolean}} parts `redraw` draws all
   *   in the next frame; `brief`: beside a bar stands the sign of its stance alone, at any width
   */
  constructor({ root, uiState, article, onMore, onPick, redraw, brief = false }) {
    this.#root = root;
    this.#uiState = uiState;
    this.#brief = brief;
    this.#onMore = onMore;
    this.#redraw = redraw;
    this.#measurePlaces = createRuler(root, article);
    const idAt = (event) => event.target.closest("[data-id]")?.dataset.id ?? null;
    root.addEventListener("click", (event) => idAt(event) && onPick(idAt(event)));
    root.addEventListener("pointerover", (event) => uiState.point(idAt(event)));
    root.addEventListener("pointerleave", () => uiState.point(null));
    uiState.addEventListener("active", () => this.#follow());
    uiState.addEventListener("hover", () => this.#mark());
    const soon = oncePerFrame(
      (measured) => this.draw(this.#drawn, measured),
      () => this.measure(this.#drawn),
    );
    new ResizeObserver(soon).observe(root);
  }

  /**
   * @param {Passage[]} passages
   * @returns {{width: number, places: MeasuredPassage[]}} the layout that drawing goes by
   */
  measure(passages) {
    return { width: this.#root.clientWidth, places: this.#measurePlaces(passages) };
  }

  /**
   * @param {Passage[]} passages the annotations near the view
   * @param {{width: number, places: MeasuredPassage[]}} [measured] of the same passages
   */
  draw(passages, { width, places } = this.measure(passages)) {
    this.#drawn = passages;
    const narrow = width < LABELLED;
    const lanes = this.#brief || narrow ? NARROW_LANES : LANES;
    const { active } = this.#uiState;
    const important = [...places].sort(
      (a, b) => Number(b.key === active) - Number(a.key === active),
    );
    const { lane, rest } = assignLanes(important, lanes);
    const named = this.#brief || !narrow;
    const labels = named ? placeLabels(places, lane) : new Map();
    const folded = new Set(rest);
    const counts = cluster(places.filter(({ key }) => folded.has(key)));
    for (const [id, bar] of this.#bars) if (!lane.has(id)) this.#drop(id, bar);
    for (const place of places) {
      if (!lane.has(place.key)) continue;
      const bar = this.#drawBar(place, lane.get(place.key));
      const label = labels.get(place.key);
      const beside = label && counts.some(({ top }) => Math.abs(top - label.top) < COUNT);
      const room = width - (beside ? COUNT : 0);
      this.#drawLabel(bar, place, label, { lane: lane.get(place.key), room });
    }
    this.#drawCounts(counts);
    this.#mark();
  }

  #drop(id, bar) {
    this.#bars.delete(id);
    bar.remove();
  }

  #drawBar({ passage, top, bottom }, lane) {
    let bar = this.#bars.get(passage.id);
    if (!bar) {
      bar = element("i", { class: "stripe", dataset: { id: passage.id }, "aria-hidden": "true" });
      this.#bars.set(passage.id, bar);
      this.#root.append(bar);
    }
    bar.dataset.code = passage.code;
    bar.toggleAttribute("data-other", this.#uiState.tellsApart && !passage.mine);
    bar.title = passage.mine ? "" : passage.annotator;
    bar.style.top = `${top}px`;
    bar.style.height = `${Math.max(6, bottom - top)}px`;
    bar.style.insetInlineStart = `${lane * PITCH}px`;
    return bar;
  }

  #drawLabel(bar, { passage, top }, label, { lane, room }) {
    if (!label) return bar.replaceChildren();
    const words =
      bar.firstChild ?? bar.appendChild(element("span", {}, element("span"), element("b")));
    const name = this.#uiState.codes.get(passage.code)?.name ?? passage.code;
    const wide = room - label.lane * PITCH - 11;
    words.firstChild.textContent = this.#brief || wide < NAMED ? "" : name;
    words.lastChild.textContent = passage.sign ?? GLYPHS[passage.stance] ?? "";
    words.lastChild.dataset.stance = passage.stance;
    words.style.top = `${label.top - top}px`;
    words.style.insetInlineStart = `${(label.lane - lane) * PITCH + 11}px`;
    words.style.maxWidth = `${wide}px`;
    return undefined;
  }

  /** What found no lane is counted, and the count opens the list there. */
  #drawCounts(counts) {
    for (const button of this.#buttons) button.remove();
    this.#buttons = counts.map(({ ids, top }) => {
      const words = `${ids.length} more passages here: show them in the list`;
      const attributes = { type: "button", class: "more", "aria-label": words, title: words };
      const on = { click: () => this.#onMore(ids) };
      const button = element("button", { ...attributes, text: `+${ids.length}`, on });
      button.style.top = `${top}px`;
      return button;
    });
    this.#root.append(...this.#buttons);
  }

  /** The selected passage always has a bar. */
  #follow() {
    const { active } = this.#uiState;
    const folded = active && !this.#bars.has(active);
    if (folded && this.#drawn.some(({ id }) => id === active)) this.#redraw();
    else this.#mark();
  }

  #mark() {
    const { active, hover } = this.#uiState;
    for (const [id, bar] of this.#bars) {
      bar.toggleAttribute("data-on", id === active);
      bar.toggleAttribute("data-near", id === hover);
    }
  }
}
