/** Words, sentences and paragraphs of the text as places to go to; offsets are code points. */

/**
 * @typedef {"character"|"word"|"sentence"|"paragraph"} Step
 */

export class Movement {
  #article;
  #known = new Map(); // step and paragraph → pieces
  #segmenters = {};

  /**
   * @param {ArticleText} article
   */
  constructor(article) {
    this.#article = article;
  }

  /** The last paragraph that starts at or before an offset, as an index. */
  paragraphAt(offset) {
    const { paragraphs } = this.#article;
    const after = paragraphs.findIndex(({ start }) => start > offset);
    return after < 0 ? Math.max(0, paragraphs.length - 1) : Math.max(0, after - 1);
  }

  /**
   * The next place in a direction; at the end of the text, the end.
   * @param {Step} step
   * @param {number} offset code points
   * @param {boolean} forward
   * @param {"start"|"end"} edge which edge of a piece counts as a place
   */
  seek(step, offset, forward, edge) {
    const { paragraphs } = this.#article;
    const direction = forward ? 1 : -1;
    for (let i = this.paragraphAt(offset); i >= 0 && i < paragraphs.length; i += direction) {
      const here = this.#pieces(step, i);
      const found = forward
        ? here.find((piece) => piece[edge] > offset)
        : here.findLast((piece) => piece[edge] < offset);
      if (found) return found[edge];
    }
    if (!paragraphs.length) return 0;
    return forward ? paragraphs[paragraphs.length - 1].end : paragraphs[0].start;
  }

  /** The piece that holds an offset, or touches it; null between pieces. */
  around(step, offset) {
    const here = this.#article.paragraphs.length
      ? this.#pieces(step, this.paragraphAt(offset))
      : [];
    const holds = here.find(({ start, end }) => start <= offset && offset < end);
    return holds ?? here.find(({ end }) => end === offset) ?? null;
  }

  /** Widen a span so that it neither starts nor ends inside a piece. */
  snap(step, { start, end }) {
    const first = this.around(step, start);
    const last = this.around(step, Math.max(start, end - 1));
    return {
      start: first && first.end > start ? first.start : start,
      end: last && last.end >= end ? last.end : end,
    };
  }

  #pieces(step, i) {
    const key = `${step} ${i}`;
    if (!this.#known.has(key)) this.#known.set(key, this.#cut(step, i));
    return this.#known.get(key);
  }

  #cut(step, i) {
    const { text, units, paragraphs, language } = this.#article;
    const { start, end } = paragraphs[i];
    if (step === "paragraph") return [{ start, end }];
    this.#segmenters[step] ??= makeSegmenter(language, step === "character" ? "grapheme" : step);
    const base = units.toUnit(start);
    const pieces = [];
    const line = text.slice(base, units.toUnit(end));
    for (const { segment, index, isWordLike } of this.#segmenters[step].segment(line)) {
      if (step === "word" && !isWordLike) continue;
      const length = step === "character" ? segment.length : segment.trimEnd().length;
      const from = base + index;
      const piece = { start: units.toCodePoint(from), end: units.toCodePoint(from + length) };
      if (length) pieces.push(piece);
    }
    return pieces;
  }
}

function makeSegmenter(language, granularity) {
  try {
    return new Intl.Segmenter(language || undefined, { granularity });
  } catch {
    return new Intl.Segmenter(undefined, { granularity }); // a language tag it does not know
  }
}
