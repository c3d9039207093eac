/*
 * Code points, UTF-16 units and places in the page.
 *
 * The server counts code points; strings and the DOM count UTF-16 units. This module alone
 * translates. "Offset" means a code-point offset into the source's text, "unit" an index into the
 * JavaScript string; spans are half-open {start, end} in code points unless said otherwise.
 *
 * The page keeps root.textContent === text. Elements with data-start (the offset of their first
 * character) are its paragraphs, what lies between them its white space. Nobody changes the text
 * below root; wrapping parts of it in further elements is allowed.
 *
 * Half of a surrogate pair is never a place: a start is rounded down, an end up.
 */

/** What ends a line, as on the server: LF, VT, FF, NEL, and Unicode's two separators. */
export const LINE_END = /[\n\v\f\u0085\u2028\u2029]/;

const MARKED = "[data-start]";
const WORD_REACH = 500;
const paragraphsByRoot = new WeakMap();
const segmenters = new Map();

/** How many of the sorted items satisfy a test that the first ones pass and the others fail. */
function countWhile(length, test) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** Units at which a character above U+FFFF begins, sorted. */
function astralUnits(text) {
  const found = [];
  for (const match of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) {
    found.push(match.index);
  }
  return found;
}

/**
 * The translation table of a text: `length` in code points, `unitLength`, and
 * `toCodePoint(unit, up = false)`, which rounds the middle of a pair down, or up if asked, and
 * `toUnit(offset)`. What lies outside the text is moved to its nearest end.
 */
export function makeUnits(text) {
  const unitLength = text.length;
  // A text mostly has no such character: then units are code points.
  const astral = /[\ud800-\udfff]/.test(text) ? astralUnits(text) : [];
  const length = unitLength - astral.length;

  function toCodePoint(unit, up = false) {
    const index = clamp(unit, 0, unitLength);
    const before = countWhile(astral.length, (i) => astral[i] < index);
    const splits = before > 0 && astral[before - 1] + 1 === index;
    return index - before + (splits && up ? 1 : 0);
  }

  function toUnit(offset) {
    const point = clamp(offset, 0, length);
    return point + countWhile(astral.length, (i) => astral[i] - i < point);
  }

  return Object.freeze({ length, unitLength, toCodePoint, toUnit });
}

/** The quote: what stands in the text between two offsets. */
export function sliceCodePoints(text, units, start, end) {
  return text.slice(units.toUnit(start), units.toUnit(end));
}

/** Read the paragraphs below root: [{start, element}] in order. Call again if they are replaced. */
export function indexParagraphs(root) {
  const paragraphs = Array.from(root.querySelectorAll(MARKED), (element) => ({
    start: Number(element.dataset.start),
    element,
  }));
  paragraphsByRoot.set(root, paragraphs);
  return paragraphs;
}

const paragraphsOf = (root) => paragraphsByRoot.get(root) ?? indexParagraphs(root);

/** The last paragraph that begins at or before a boundary point inside root, or undefined. */
function paragraphBefore(root, node, offset) {
  const paragraphs = paragraphsOf(root);
  const probe = document.createRange();
  const count = countWhile(paragraphs.length, (i) => {
    probe.setStart(paragraphs[i].element, 0);
    probe.collapse(true);
    return probe.comparePoint(node, offset) >= 0;
  });
  return paragraphs[count - 1];
}

/** Whether a boundary point lies before (-1), in (0) or after (1) root; null: in another tree. */
function placeOf(root, node, offset) {
  if (root.getRootNode() !== node.getRootNode()) {
    return null;
  }
  const whole = document.createRange();
  whole.selectNodeContents(root);
  return whole.comparePoint(node, offset);
}

/**
 * The offset of a boundary point, or null outside root. In the middle of a pair, bias "end"
 * rounds up and "start" down. The cost is one paragraph's, not the text's.
 */
export function domPointToOffset(root, units, node, offset, bias = "start") {
  if (placeOf(root, node, offset) !== 0) {
    return null;
  }
  const before = paragraphBefore(root, node, offset);
  const stretch = document.createRange();
  stretch.setStart(before ? before.element : root, 0);
  stretch.setEnd(node, offset);
  const base = before ? units.toUnit(before.start) : 0;
  return units.toCodePoint(base + stretch.toString().length, bias === "end");
}

/**
 * The boundary point {node, offset} of an offset, in a text node. Where two text nodes meet, bias
 * "start" takes the later, "end" the earlier, so that a range holds only what it covers. Null if
 * root has no text.
 */
export function offsetToDomPoint(root, units, offset, bias = "start") {
  const paragraphs = paragraphsOf(root);
  const atEnd = bias === "end";
  const place = clamp(offset, 0, units.length);
  const count = countWhile(paragraphs.length, (i) =>
    atEnd ? paragraphs[i].start < place : paragraphs[i].start <= place,
  );
  const before = paragraphs[count - 1];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  walker.currentNode = before ? before.element : root;
  let left = units.toUnit(place) - (before ? units.toUnit(before.start) : 0);
  let last = null;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    last = node;
    if (left < node.length || (atEnd && left === node.length)) {
      return { node, offset: left };
    }
    left -= node.length;
  }
  return last && { node: last, offset: last.length };
}

/**
 * The span {start, end} of a Range or StaticRange, without what lies outside root; null if nothing
 * is left. White space at its ends is not trimmed.
 */
export function rangeToSpan(root, units, range) {
  if (range.collapsed) {
    return null;
  }
  const startPlace = placeOf(root, range.startContainer, range.startOffset);
  const endPlace = placeOf(root, range.endContainer, range.endOffset);
  if (startPlace === null || endPlace === null || startPlace > 0 || endPlace < 0) {
    return null;
  }
  const start =
    startPlace < 0
      ? 0
      : domPointToOffset(root, units, range.startContainer, range.startOffset, "start");
  const end =
    endPlace > 0
      ? units.length
      : domPointToOffset(root, units, range.endContainer, range.endOffset, "end");
  return start < end ? { start, end } : null;
}

function boundaries(root, units, start, end) {
  if (clamp(start, 0, units.length) >= clamp(end, 0, units.length)) {
    return null;
  }
  const from = offsetToDomPoint(root, units, start, "start");
  const to = offsetToDomPoint(root, units, end, "end");
  return (
    from &&
    to && {
      startContainer: from.node,
      startOffset: from.offset,
      endContainer: to.node,
      endOffset: to.offset,
    }
  );
}

/** A StaticRange over a span, to paint; null if the span is empty. */
export function spanToRange(root, units, start, end) {
  const points = boundaries(root, units, start, end);
  return points && new StaticRange(points);
}

/**
 * A live Range over a span, to measure or to select; null if the span is empty.
 * @param {Range} [range] the one to set: the browser updates every live range at each change of the
 *   page, as long as it has not been collected
 */
export function spanToLiveRange(root, units, start, end, range = document.createRange()) {
  const points = boundaries(root, units, start, end);
  if (points === null) {
    return null;
  }
  range.setStart(points.startContainer, points.startOffset);
  range.setEnd(points.endContainer, points.endOffset);
  return range;
}

function segmenterOf(locale) {
  if (!segmenters.has(locale)) {
    let segmenter = null;
    if (typeof Intl.Segmenter === "function") {
      try {
        segmenter = new Intl.Segmenter(locale || undefined, { granularity: "word" });
      } catch {
        segmenter = new Intl.Segmenter(undefined, { granularity: "word" });
      }
    }
    segmenters.set(locale, segmenter);
  }
  return segmenters.get(locale);
}

/** Units [low, high) of the line around a unit, at most 500 to each side, no pair split. */
function lineAround(text, unit) {
  const before = text
    .slice(Math.max(unit - WORD_REACH, 0), unit)
    .split(LINE_END)
    .at(-1);
  const [after] = text.slice(unit, unit + WORD_REACH).split(LINE_END, 1);
  let low = unit - before.length;
  let high = unit + after.length;
  const isLowHalf = (at) => /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));
  low -= isLowHalf(low) ? 1 : 0;
  high += isLowHalf(high) ? 1 : 0;
  return { low, high };
}

function segmentAt(line, place, locale) {
  const segmenter = segmenterOf(locale);
  if (segmenter) {
    const found = segmenter.segment(line).containing(place);
    return found && { start: found.index, text: found.segment };
  }
  for (const match of line.matchAll(/[\p{L}\p{N}\p{M}_]+(?:['’-][\p{L}\p{N}\p{M}_]+)*|\S|\s+/gu)) {
    if (place < match.index + match[0].length) {
      return { start: match.index, text: match[0] };
    }
  }
  return undefined;
}

/**
 * The word or symbol at a unit, else the one that ends there, as {start, end} in units; null
 * between white space.
 */
export function wordAt(text, unitIndex, locale = "") {
  const unit = clamp(unitIndex, 0, text.length);
  const { low, high } = lineAround(text, unit);
  const line = text.slice(low, high);
  for (const place of [unit - low, unit - low - 1]) {
    const found = place >= 0 && place < line.length ? segmentAt(line, place, locale) : undefined;
    if (found?.text.trim()) {
      return { start: low + found.start, end: low + found.start + found.text.length };
    }
  }
  return null;
}
