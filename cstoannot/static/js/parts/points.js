/** From offsets to rectangles, and from points on the screen to offsets. */

import { domPointToOffset, spanToLiveRange } from "../lib/offsets.js";

/**
 * @param {ArticleText} article
 * @param {Section[]} sections what holds the paragraphs
 * @param {() => Frame} frame
 */
export function placesOf({ root, units, paragraphs }, sections, frame) {
  const ruler = document.createRange();
  /** @type {(start: number, end: number) => Range|null} */
  const rangeOver = (start, end) => spanToLiveRange(root, units, start, end, ruler);
  /** @type {(start: number, end: number) => DOMRect[]} */
  const boxesOf = (start, end) => [...(rangeOver(start, end)?.getClientRects() ?? [])];

  /** The rectangle of the character at `offset`, in the window's pixels. @param {number} offset */
  function rectangle(offset) {
    const at = Math.max(0, Math.min(offset, units.length - 1));
    return boxesOf(at, at + 1).at(-1) ?? null;
  }

  /**
   * The offset between two characters that the browser finds at a point; null outside the text.
   * @param {number} x
   * @param {number} y
   */
  function boundary(x, y) {
    const point = caretAt(x, y);
    if (!point || !root.contains(point.node)) return null;
    return domPointToOffset(root, units, point.node, point.offset);
  }

  /**
   * The same where something lies over the text: the style sheet lets the pointer through it.
   * @param {number} x
   * @param {number} y
   */
  function boundaryBelow(x, y) {
    const at = boundary(x, y);
    if (at !== null) return at;
    const page = document.documentElement;
    page.toggleAttribute("data-through", true);
    const below = boundary(x, y);
    page.removeAttribute("data-through");
    return below;
  }

  /**
   * The offset nearest to a point anywhere on the screen, whatever lies there: on the line at its
   * height, the beginning above the text, the end below it.
   * @param {number} x
   * @param {number} y
   */
  function nearest(x, y) {
    const seen = frame();
    const height = clamp(y, seen.top, seen.bottom - 1);
    const { top, bottom } = root.getBoundingClientRect();
    const paragraph = height < top ? null : paragraphAt(height);
    if (!paragraph) return 0;
    if (height > bottom) return units.length;
    const line = lineAt(paragraph, height);
    const rightToLeft = getComputedStyle(paragraph.element).direction === "rtl";
    if (x < line.left) return rightToLeft ? line.end : line.start;
    if (x > line.right) return rightToLeft ? line.start : line.end;
    const middle = clamp((line.top + line.bottom) / 2, seen.top + 1, seen.bottom - 1);
    const at = boundaryBelow(clamp(x, line.left + 0.1, line.right - 0.1), middle);
    return at === null ? line.end : clamp(at, line.start, line.end);
  }

  /**
   * Sections first: a rectangle inside one that the browser skips would force its layout.
   * @param {number} y
   */
  function paragraphAt(y) {
    const bottom = (/** @type {Element} */ element) => element.getBoundingClientRect().bottom;
    const i = partition(sections, ({ section }) => bottom(section) < y);
    const { first, last } = sections[Math.min(i, sections.length - 1)] ?? { first: 0, last: -1 };
    const below =
      first + partition(paragraphs.slice(first, last + 1), (p) => bottom(p.element) < y);
    const here = paragraphs[Math.min(below, paragraphs.length - 1)];
    const before = paragraphs[below - 1];
    if (!before || !here || before === here) return here;
    return y - bottom(before.element) < here.element.getBoundingClientRect().top - y
      ? before
      : here;
  }

  /**
   * The line of a paragraph nearest to a height: its offsets and its rectangle.
   * @param {Span} paragraph
   * @param {number} y
   */
  function lineAt({ start, end }, y) {
    const box = (/** @type {number} */ at) => {
      // Some characters take no room and have no rectangle: the next one's stands for theirs.
      for (let i = at; i < end; i += 1) {
        const found = rectangle(i);
        if (found) return found;
      }
      return root.getBoundingClientRect();
    };
    const middle = (/** @type {number} */ at) => (box(at).top + box(at).bottom) / 2;
    let at = Math.min(
      seek(start, end, (i) => box(i).bottom < y),
      end - 1,
    );
    if (at > start && y - box(at - 1).bottom < box(at).top - y) at -= 1;
    const { top, bottom } = box(at);
    const line = {
      start: seek(start, end, (i) => middle(i) < top),
      end: seek(start, end, (i) => middle(i) <= bottom),
    };
    return { ...line, top, bottom, ...widthOf(line, { top, bottom }) };
  }

  /**
   * How far the letters of a line reach; the space at which it breaks is not seen.
   * @param {Span} line
   * @param {Frame} rows
   */
  function widthOf({ start, end }, { top, bottom }) {
    const inLine = (/** @type {DOMRect} */ box) =>
      box.width && box.top < bottom && box.bottom > top;
    let last = end;
    while (last > start + 1 && isSpace(last - 1)) last -= 1;
    const boxes = boxesOf(start, last).filter(inLine);
    const left = Math.min(...boxes.map((box) => box.left));
    return { left, right: Math.max(...boxes.map((box) => box.right)) };
  }

  const isSpace = (/** @type {number} */ at) => !String(rangeOver(at, at + 1) ?? "").trim();

  /**
   * The character under a point; null where there is only paper.
   * @param {number} x
   * @param {number} y
   * @returns {number|null}
   */
  function character(x, y) {
    const between = boundary(x, y);
    if (between === null) return null;
    /** @type {{offset: number|null, distance: number}} */
    const found = { offset: null, distance: 1 };
    for (const offset of [between - 1, between]) {
      if (offset < 0 || offset >= units.length) continue;
      for (const { left, right, top, bottom } of boxesOf(offset, offset + 1)) {
        const distance = Math.max(left - x, x - right, 0);
        if (y < top - 6 || y > bottom + 6 || distance > found.distance) continue;
        Object.assign(found, { offset, distance });
      }
    }
    return found.offset;
  }
  return { rectangle, nearest, character };
}

/** @param {number} x @param {number} y */
function caretAt(x, y) {
  if (document.caretPositionFromPoint) {
    const position = document.caretPositionFromPoint(x, y);
    return position && { node: position.offsetNode, offset: position.offset };
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? { node: range.startContainer, offset: range.startOffset } : null;
}

/** @type {(value: number, low: number, high: number) => number} */
const clamp = (value, low, high) => Math.max(low, Math.min(value, high));

/**
 * The first number from `low` on that does not satisfy `test`, when those that do come first.
 * @param {number} low
 * @param {number} high
 * @param {(number: number) => boolean} test
 */
function seek(low, high, test) {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * How many leading items satisfy `test`, when they all stand before those that do not.
 * @template T
 * @param {T[]} items
 * @param {(item: T) => boolean} test
 */
export const partition = (items, test) => seek(0, items.length, (i) => test(items[i]));
