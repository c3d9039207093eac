/** The article on the page: its text in code points, and where that text is on the screen. */

import {
  domPointToOffset,
  indexParagraphs,
  makeUnits,
  offsetToDomPoint,
  rangeToSpan,
  sliceCodePoints,
  spanToRange,
} from "../lib/offsets.js";
import { partition, placesOf } from "./points.js";

/**
 * @param {HTMLElement} root the article; its `textContent` is the text of the source, exactly
 * @param {HTMLElement} scroller what scrolls it when the window does not
 * @param {HTMLElement|null} [cover] what may lie over the bottom of the view
 */
export function openArticle(root, scroller, cover = null) {
  const text = root.textContent ?? "";
  const units = makeUnits(text);
  const { sections, paragraphs } = outline(root);
  /** @type {ArticleText} */
  const article = {
    root,
    scroller,
    cover,
    text,
    units,
    paragraphs,
    length: units.length,
    language: root.lang,
  };
  const view = viewOf(article, sections);
  const places = placesOf(article, sections, view.frame);
  const scrolling = scrollingOf(article, places.rectangle, view.frame);
  const isRightToLeft = (/** @type {number} */ offset) => isParagraphRightToLeft(article, offset);
  return Object.assign(article, { isRightToLeft }, passagesOf(article), places, view, scrolling);
}

/** Paragraphs with their offsets, and the sections that hold them. @param {HTMLElement} root */
function outline(root) {
  /** @type {Section[]} */
  const sections = [];
  const paragraphs = indexParagraphs(root).map(({ element, start }) => {
    const { length } = makeUnits(element.textContent ?? "");
    return { element, start, end: start + length };
  });
  paragraphs.forEach(({ element }, i) => {
    const section = /** @type {HTMLElement} */ (element.parentElement);
    const last = sections[sections.length - 1];
    if (last?.section === section) last.last = i;
    else sections.push({ section, first: i, last: i });
  });
  return { sections, paragraphs };
}

/**
 * Whether the paragraph of an offset runs from right to left; each may have its own direction.
 * @param {ArticleText} article
 * @param {number} offset
 */
function isParagraphRightToLeft({ root, paragraphs }, offset) {
  const before = partition(paragraphs, ({ start }) => start <= offset);
  const element = paragraphs[before - 1]?.element ?? root;
  return getComputedStyle(element).direction === "rtl";
}

/** From spans to ranges and back. @param {ArticleText} article */
function passagesOf({ root, text, units }) {
  /** @type {(start: number, end: number) => string} */
  const slice = (start, end) => sliceCodePoints(text, units, start, end);
  /** Leave out white space at both ends: a passage is what can be read. @param {Span} span */
  function trim({ start, end }) {
    // The language does not count NEL as white space; it ends a line here.
    const quote = slice(start, end).replaceAll("\u0085", " ");
    if (!quote.trim()) return { start, end: start };
    // White space lies below U+FFFF: its units are code points.
    const before = quote.length - quote.trimStart().length;
    const after = quote.length - quote.trimEnd().length;
    return { start: start + before, end: end - after };
  }
  /** @type {(offset: number, bias: "start"|"end") => ReturnType<typeof offsetToDomPoint>} */
  const point = (offset, bias) => offsetToDomPoint(root, units, offset, bias);
  return {
    slice,
    trim,
    /**
     * To paint: a live range would be kept up to date at every change of the page.
     * @type {(start: number, end: number) => StaticRange|null}
     */
    range: (start, end) => spanToRange(root, units, start, end),
    /**
     * Put the browser's selection between two offsets, in either direction.
     * @param {number} from
     * @param {number} to
     */
    select(from, to) {
      const base = point(from, from <= to ? "start" : "end");
      const focus = from === to ? base : point(to, from < to ? "end" : "start");
      if (!base || !focus) return;
      document.getSelection().setBaseAndExtent(base.node, base.offset, focus.node, focus.offset);
    },
    /** @type {(node: Node, offset: number) => number|null} */
    offsetOf: (node, offset) => domPointToOffset(root, units, node, offset),
    /** @type {(range: AbstractRange) => Span|null} */
    span: (range) => rangeToSpan(root, units, range),
  };
}

/** What part of the text is in view. @param {ArticleText} article @param {Section[]} sections */
function viewOf({ scroller, cover, paragraphs }, sections) {
  /** @returns {Frame} */
  function frame() {
    const box = scroller.getBoundingClientRect();
    const over = cover?.getBoundingClientRect();
    const covers = over?.width && over.left <= box.left && over.right >= box.right;
    const bottom = covers ? Math.min(box.bottom, over.top) : box.bottom;
    return { top: Math.max(0, box.top), bottom: Math.min(innerHeight, bottom) };
  }

  /**
   * The text within `margin` pixels of the view. Sections are looked at first: asking a paragraph
   * inside one that the browser skips would force its layout.
   * @param {number} margin
   * @returns {Span|null}
   */
  function near(margin) {
    const { top, bottom } = frame();
    const place = (/** @type {Element} */ item) => item.getBoundingClientRect();
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

/**
 * Scroll so that a passage can be read, if it cannot yet.
 * @param {ArticleText} article
 * @param {(offset: number) => DOMRect|null} rectangle of a character
 * @param {() => Frame} frame
 */
function scrollingOf({ scroller, paragraphs }, rectangle, frame) {
  const inner = () => scroller.scrollHeight > scroller.clientHeight + 1;
  /** @type {(top: number, behavior: ScrollBehavior) => void} */
  const scrollBy = (top, behavior) =>
    (inner() ? scroller : document.scrollingElement)?.scrollBy({ top, behavior });

  /** @param {number} start @param {{calm?: boolean}} [how] */
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
