/**
 * The class `has-SLUG` on paragraphs in which a code is painted. The rules of codes.css begin with
 * it: rules for all paragraphs would take the browser codes² × paragraphs to match.
 */

export class PaintedParagraphs {
  #paragraphs;
  #counts = new Map(); // element → Map: class → how many passages need it

  /** @param {{element: HTMLElement, start: number, end: number}[]} paragraphs in text order */
  constructor(paragraphs) {
    this.#paragraphs = paragraphs;
  }

  /** @param {{code: string, start: number, end: number}} passage offsets in code points */
  add({ code, start, end }) {
    const name = `has-${code}`;
    for (const { element } of this.#touched(start, end)) {
      const counts = this.#counts.get(element) ?? new Map();
      const count = counts.get(name) ?? 0;
      this.#counts.set(element, counts.set(name, count + 1));
      if (!count) element.classList.add(name);
    }
  }

  /** Undo one `add` with the same code and span. */
  remove({ code, start, end }) {
    const name = `has-${code}`;
    for (const { element } of this.#touched(start, end)) {
      const counts = this.#counts.get(element);
      const left = counts.get(name) - 1;
      if (left) counts.set(name, left);
      else {
        counts.delete(name);
        element.classList.remove(name);
      }
    }
  }

  /** The paragraphs that hold a part of a span. */
  #touched(start, end) {
    const paragraphs = this.#paragraphs;
    let low = 0;
    let high = paragraphs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (paragraphs[middle].end <= start) low = middle + 1;
      else high = middle;
    }
    let after = low;
    while (after < paragraphs.length && paragraphs[after].start < end) after += 1;
    return paragraphs.slice(low, after);
  }
}
