/**
 * The classes `has-KIND-SLUG` on paragraphs in which the highlight `cstoannot-KIND-SLUG` is painted.
 * The rules of codes.css begin with them: the browser tries every rule that fits a paragraph for
 * every highlight that has one, so each rule should fit only where it paints.
 */

export class PaintedParagraphs {
  #paragraphs;
  #counts = new Map(); // element → Map: class → how many passages need it
  #changed = new Set(); // elements whose classes are to be written

  /**
   * @param {{element: HTMLElement, start: number, end: number}[]} paragraphs in text order; they
   *   have no other classes
   */
  constructor(paragraphs) {
    this.#paragraphs = paragraphs;
  }

  /** @param {{kind: string, code: string, start: number, end: number}} painted code points */
  add({ kind, code, start, end }) {
    const name = `has-${kind}-${code}`;
    for (const { element } of this.#touched(start, end)) {
      const counts = this.#counts.get(element) ?? new Map();
      const count = counts.get(name) ?? 0;
      this.#counts.set(element, counts.set(name, count + 1));
      if (!count) this.#changed.add(element);
    }
  }

  /** Undo one `add` of the same. */
  remove({ kind, code, start, end }) {
    const name = `has-${kind}-${code}`;
    for (const { element } of this.#touched(start, end)) {
      const counts = this.#counts.get(element);
      const left = counts.get(name) - 1;
      if (left) counts.set(name, left);
      else {
        counts.delete(name);
        this.#changed.add(element);
      }
    }
  }

  /** Write what has changed: once a paragraph, since the browser reads all its classes each time. */
  apply() {
    for (const element of this.#changed) {
      const names = [...this.#counts.get(element).keys()].sort().join(" ");
      if (names === element.className) continue;
      if (names) element.className = names;
      else element.removeAttribute("class");
    }
    this.#changed.clear();
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
