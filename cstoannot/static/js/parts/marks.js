/** Passages as `<mark>` elements: where the Custom Highlight API is missing, and for print. */

export class Marks {
  #desk;
  #article;
  #marked = new Map(); // paragraph → what is drawn in it

  /** @param {{desk: Object, article: Object}} parts */
  constructor({ desk, article }) {
    this.#desk = desk;
    this.#article = article;
  }

  /**
   * Draw the passages within a span of the text; take the others back.
   * @param {{start: number, end: number}|null} span code points
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
      const passages = start < end ? this.#desk.intervals.within(start, end) : [];
      this.#drawParagraph(paragraph, passages, named);
    }
    return this.#desk.visible.filter(touches).length;
  }

  #drawParagraph(paragraph, passages, named) {
    const { active } = this.#desk;
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
    if (passage.id === this.#desk.active) mark.setAttribute("aria-current", "true");
    if (withName) mark.dataset.name = this.#desk.codes.get(passage.code)?.name ?? passage.code;
    mark.append(node);
    return mark;
  }
}

/**
 * Print shows marks with the names of their codes, whatever the screen shows.
 * @param {{marks: Marks, article: Object, after: () => void}} parts
 */
export function markForPrint({ marks, article, after }) {
  addEventListener("beforeprint", () => marks.draw({ start: 0, end: article.length }, true));
  addEventListener("afterprint", () => {
    marks.draw(null);
    after();
  });
}
