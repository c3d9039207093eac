/** The article on the page: its text in code points, and where that text is on the screen. */

import {
  domPointToOffset,
  indexParagraphs,
  makeUnits,
  offsetToDomPoint,
  rangeToSpan,
  sliceCodePoints,
  spanToLiveRange,
  spanToRange,
} from "../lib/offsets.js";

/**
 * @typedef {{start: number, end: number}} Span code points, half-open
 */

/**
 * @param {HTMLElement} root the article; its `textContent` is the text of the source, exactly
 * @param {HTMLElement} scroller what scrolls it when the window does not
 */
export function openArticle(root, scroller) {
  const text = root.textContent;
  const units = makeUnits(text);
  const { sections, paragraphs } = outline(root);
  const article = {
    root,
    scroller,
    text,
    units,
    paragraphs,
    length: units.length,
    language: root.lang,
  };
  const places = placesOf(article);
  const view = viewOf(article, sections);
  const scrolling = scrollingOf(article, places.rectangle, view.frame);
  const isRightToLeft = (offset) => isParagraphRightToLeft(article, offset);
  return Object.assign(article, { isRightToLeft }, passagesOf(article), places, view, scrolling);
}

/** Paragraphs with their offsets, and the sections that hold them. */
function outline(root) {
  const sections = [];
  const paragraphs = indexParagraphs(root).map(({ element, start }) => {
    const { length } = makeUnits(element.textContent);
    return { element, start, end: start + length };
  });
  paragraphs.forEach(({ element }, i) => {
    const section = element.parentElement;
    const last = sections[sections.length - 1];
    if (last?.section === section) last.last = i;
    else sections.push({ section, first: i, last: i });
  });
  return { sections, paragraphs };
}

/** Whether the paragraph of an offset runs from right to left; each may have its own direction. */
function isParagraphRightToLeft({ root, paragraphs }, offset) {
  const before = partition(paragraphs, ({ start }) => start <= offset);
  const element = paragraphs[before - 1]?.element ?? root;
  return getComputedStyle(element).direction === "rtl";
}

/** From spans to ranges and back. */
function passagesOf({ root, text, units }) {
  const slice = (start, end) => sliceCodePoints(text, units, start, end);
  /** Leave out white space at both ends: a passage is what can be read. */
  function trim({ start, end }) {
    // The language does not count NEL as white space; it ends a line here.
    const quote = slice(start, end).replaceAll("\u0085", " ");
    if (!quote.trim()) return { start, end: start };
    // White space lies below U+FFFF: its units are code points.
    const before = quote.length - quote.trimStart().length;
    const after = quote.length - quote.trimEnd().length;
    return { start: start + before, end: end - after };
  }
  return {
    slice,
    trim,
    /** To paint: a live range would be kept up to date at every change of the page. */
    range: (start, end) => spanToRange(root, units, start, end),
    point: (offset, bias) => offsetToDomPoint(root, units, offset, bias),
    span: (range) => rangeToSpan(root, units, range),
  };
}

/** From offsets to rectangles and from points on the screen to offsets. */
function placesOf({ root, units }) {
  const boxesOf = (at) => spanToLiveRange(root, units, at, at + 1)?.getClientRects() ?? [];

  /** The rectangle of the character at `offset`, in the window's pixels. */
  function rectangle(offset) {
    const at = Math.max(0, Math.min(offset, units.length - 1));
    const boxes = boxesOf(at);
    return boxes[boxes.length - 1] ?? null;
  }

  /** The offset between two characters nearest to a point; null outside the text. */
  function nearest(x, y) {
    const point = caretAt(x, y);
    if (!point || !root.contains(point.node)) return null;
    return domPointToOffset(root, units, point.node, point.offset);
  }

  /** The character under a point; null where there is only paper. */
  function character(x, y) {
    const boundary = nearest(x, y);
    if (boundary === null) return null;
    for (const offset of [boundary, boundary - 1]) {
      if (offset < 0 || offset >= units.length) continue;
      for (const box of boxesOf(offset)) {
        const inside = x >= box.left - 1 && x <= box.right + 1;
        if (inside && y >= box.top - 6 && y <= box.bottom + 6) return offset;
      }
    }
    return null;
  }
  return { rectangle, nearest, character };
}

function caretAt(x, y) {
  if (document.caretPositionFromPoint) {
    const position = document.caretPositionFromPoint(x, y);
    return position && { node: position.offsetNode, offset: position.offset };
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? { node: range.startContainer, offset: range.startOffset } : null;
}

/** What part of the text is in view. */
function viewOf({ scroller, paragraphs }, sections) {
  /** Top and bottom of what can be seen, in the window's pixels. */
  function frame() {
    const box = scroller.getBoundingClientRect();
    return { top: Math.max(0, box.top), bottom: Math.min(innerHeight, box.bottom) };
  }

  /**
   * The text within `margin` pixels of the view. Sections are looked at first: asking a paragraph
   * inside one that the browser skips would force its layout.
   */
  function near(margin) {
    const { top, bottom } = frame();
    const place = (item) => item.getBoundingClientRect();
    const seen = partition(sections, (s) => place(s.section).bottom < top - margin);
    if (seen >= sections.length) return null;
    let past = partition(sections, (s) => place(s.section).top <= bottom + margin);
    past = Math.max(past, seen + 1);
    const lines = paragraphs.slice(sections[seen].first, sections[past - 1].last + 1);
    const first = partition(lines, (line) => place(line.element).bottom < top - margin);
    const after = partition(lines, (line) => place(line.element).top <= bottom + margin);
    if (first >= after) return null;
    return { start: lines[first].start, end: lines[after - 1].end };
  }

  return { frame, near };
}

/** Scroll so that a passage can be read, if it cannot yet. */
function scrollingOf({ scroller, paragraphs }, rectangle, frame) {
  const inner = () => scroller.scrollHeight > scroller.clientHeight + 1;
  const scrollBy = (top, behavior) =>
    (inner() ? scroller : document.scrollingElement).scrollBy({ top, behavior });

  function reveal(start, { calm = false } = {}) {
    const line = paragraphs.findLast((paragraph) => paragraph.start <= start);
    if (!line) return;
    let box = rectangle(start);
    const { top, bottom } = frame();
    const low = bottom - Math.min(120, (bottom - top) / 3);
    if (box && box.top >= top + 24 && box.bottom <= low) return;
    line.element.scrollIntoView({ block: "nearest" }); // lays out a skipped section
    box = rectangle(start);
    if (!box) return;
    const by = box.top - (top + (bottom - top) / 3);
    const still = calm || Math.abs(by) > 2000 || matchMedia("(prefers-reduced-motion)").matches;
    scrollBy(by, still ? "instant" : "smooth");
  }
  return { scrollBy, reveal };
}

/** How many leading items satisfy `test`, when they all stand before those that do not. */
function partition(items, test) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(items[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
