/** Passages as `<mark>` elements: where the Custom Highlight API is missing, and for print. */

export class Marks {
  #uiState;
  #article;
  #marked = new Map(); // paragraph → what is drawn in it

  /** @param {{uiState: PaintedState, article: Article}} parts */
  constructor({ uiState, article }) {
    this.#uiState = uiState;
    this.#article = article;
  }

  /**
   * Draw the passages within a span of the text; take the others back.
   * @param {Span|null} span code points
   * @param {boolean} [named] write the code's name after each passage
   * @returns {number} how many passages are drawn
   */
  draw(span, named = false) {
    const touches = (item) => span && item.start < span.end && item.end > span.start;
    const wanted = new Set(this.#article.paragraphs.filter(touches));
    for (const paragraph of [...this.#marked.keys()]) {
      if (!wanted.has(paragraph)) this.#drawParagraph(paragraph, [], false);
    }
    for (const paragraph of wanted) {
      const { start, end } = paragraph;
      const passages = start < end ? this.#uiState.intervals.within(start, end) : [];
      this.#drawParagraph(paragraph, passages, named);
    }
    return this.#uiState.visible.filter(touches).length;
  }

  #drawParagraph(paragraph, passages, named) {
    const { active } = this.#uiState;
    const shown = passages.map(({ id, start, end, code }) => [id, start, end, code, id === active]);
    const key = JSON.stringify([named, shown]);
    if ((this.#marked.get(paragraph) ?? "") === (passages.length ? key : "")) return;
    paragraph.element.replaceChildren(...this.#pieces(paragraph, passages, named));
    if (passages.length) this.#marked.set(paragraph, key);
    else this.#marked.delete(paragraph);
  }

  /** Cut a paragraph wherever a passage starts or ends; each piece lies in all its passages. */
  #pieces(paragraph, passages, named) {
    const ends = passages.flatMap(({ start, end }) => [start, end]);
    const inside = ends.filter((end) => end > paragraph.start && end < paragraph.end);
    const cuts = [...new Set([paragraph.start, ...inside, paragraph.end])].sort((a, b) => a - b);
    return cuts.slice(0, -1).map((from, i) => {
      const to = cuts[i + 1];
      const over = passages.filter(({ start, end }) => start <= from && end >= to);
      const text = document.createTextNode(this.#article.slice(from, to));
      return over.reduceRight((node, a) => this.#wrap(node, a, named && a.end === to), text);
    });
  }

  #wrap(node, passage, withName) {
    const mark = document.createElement("mark");
    mark.dataset.code = passage.code;
    if (passage.id === this.#uiState.active) mark.setAttribute("aria-current", "true");
    if (withName) mark.dataset.name = this.#uiState.codes.get(passage.code)?.name ?? passage.code;
    mark.append(node);
    return mark;
  }
}

/**
 * Print shows marks with the names of their codes, whatever the screen shows.
 * @param {{marks: Marks, article: Article, after: () => void}} parts
 */
export function markForPrint({ marks, article, after }) {
  addEventListener("beforeprint", () => marks.draw({ start: 0, end: article.length }, true));
  addEventListener("afterprint", () => {
    marks.draw(null);
    after();
  });
}
