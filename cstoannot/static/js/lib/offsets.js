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
/** @type {WeakMap<HTMLElement, {start: number, element: HTMLElement}[]>} */
const paragraphsByRoot = new WeakMap();

/**
 * How many of the sorted items satisfy a test that the first ones pass and the others fail.
 * @param {number} length
 * @param {(i: number) => boolean} test
 */
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

/** @type {(value: number, low: number, high: number) => number} */
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** Units at which a character above U+FFFF begins, sorted. @param {string} text */
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
 * @param {string} text
 */
export function makeUnits(text) {
  const unitLength = text.length;
  // A text mostly has no such character: then units are code points.
  const astral = /[\ud800-\udfff]/.test(text) ? astralUnits(text) : [];
  const length = unitLength - astral.length;

  /** @param {number} unit @param {boolean} [up] */
  function toCodePoint(unit, up = false) {
    const index = clamp(unit, 0, unitLength);
    const before = countWhile(astral.length, (i) => astral[i] < index);
    const splits = before > 0 && astral[before - 1] + 1 === index;
    return index - before + (splits && up ? 1 : 0);
  }

  /** @param {number} offset */
  function toUnit(offset) {
    const point = clamp(offset, 0, length);
    return point + countWhile(astral.length, (i) => astral[i] - i < point);
  }

  return Object.freeze({ length, unitLength, toCodePoint, toUnit });
}

/**
 * The quote: what stands in the text between two offsets.
 * @param {string} text
 * @param {Units} units
 * @param {number} start
 * @param {number} end
 */
export function sliceCodePoints(text, units, start, end) {
  return text.slice(units.toUnit(start), units.toUnit(end));
}

/**
 * Read the paragraphs below root: [{start, element}] in order. Call again if they are replaced.
 * @param {HTMLElement} root
 */
export function indexParagraphs(root) {
  const paragraphs = Array.from(root.querySelectorAll(MARKED), (element) => ({
    start: Number(element.dataset.start),
    element,
  }));
  paragraphsByRoot.set(root, paragraphs);
  return paragraphs;
}

const paragraphsOf = (/** @type {HTMLElement} */ root) =>
  paragraphsByRoot.get(root) ?? indexParagraphs(root);

/**
 * The last paragraph that begins at or before a boundary point inside root, or undefined.
 * @param {HTMLElement} root
 * @param {Node} node
 * @param {number} offset
 */
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

/**
 * Whether a boundary point lies before (-1), in (0) or after (1) root; null: in another tree.
 * @param {HTMLElement} root
 * @param {Node} node
 * @param {number} offset
 */
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
 * @param {HTMLElement} root
 * @param {Units} units
 * @param {Node} node
 * @param {number} offset
 * @param {"start"|"end"} [bias]
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
 * @param {HTMLElement} root
 * @param {Units} units
 * @param {number} offset
 * @param {"start"|"end"} [bias]
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
  /** @type {Text|null} */
  let last = null;
  while (walker.nextNode()) {
    const node = /** @type {Text} */ (walker.currentNode);
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
 * @param {HTMLElement} root
 * @param {Units} units
 * @param {AbstractRange} range
 * @returns {Span|null}
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
  return start !== null && end !== null && start < end ? { start, end } : null;
}

/** @param {HTMLElement} root @param {Units} units @param {number} start @param {number} end */
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

/**
 * A StaticRange over a span, to paint; null if the span is empty.
 * @param {HTMLElement} root
 * @param {Units} units
 * @param {number} start
 * @param {number} end
 */
export function spanToRange(root, units, start, end) {
  const points = boundaries(root, units, start, end);
  return points && new StaticRange(points);
}

/**
 * A live Range over a span, to measure or to select; null if the span is empty.
 * @param {HTMLElement} root
 * @param {Units} units
 * @param {number} start
 * @param {number} end
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
