/* What test_offsets.py runs in the page; each function gives a list of what went wrong. */

import * as offsets from "/js/lib/offsets.js";

const SECTION = 20;

function differences() {
  const wrong = [];
  const equal = (what, found, expected) => {
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      wrong.push(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
    }
  };
  return { wrong, equal };
}

/** The page of a source: paragraphs in sections, white space between them, as the server does. */
function build(text, spans, decorate = false) {
  const units = offsets.makeUnits(text);
  const root = document.createElement("div");
  let section = null;
  let at = 0;
  spans.forEach(([start, end], index) => {
    if (index % SECTION === 0) {
      section = document.createElement("section");
    }
    const gap = document.createTextNode(offsets.sliceCodePoints(text, units, at, start));
    if (gap.length > 0) {
      (index % SECTION === 0 ? root : section).append(gap);
    }
    root.append(section);
    const paragraph = document.createElement("p");
    paragraph.dataset.start = start;
    paragraph.append(offsets.sliceCodePoints(text, units, start, end));
    if (decorate) {
      wrapMiddle(paragraph);
    }
    section.append(paragraph);
    at = end;
  });
  root.append(offsets.sliceCodePoints(text, units, at, units.length));
  document.body.replaceChildren("before", root, "after");
  return { root, units };
}

/** Nested elements, an empty text node and a comment inside a paragraph. */
function wrapMiddle(paragraph) {
  const characters = Array.from(paragraph.textContent);
  const third = Math.ceil(characters.length / 3);
  const mark = document.createElement("mark");
  const inner = document.createElement("b");
  inner.append(characters.slice(third, 2 * third).join(""));
  mark.append(inner, document.createTextNode(""));
  paragraph.replaceChildren(
    characters.slice(0, third).join(""),
    mark,
    document.createComment("not text"),
    characters.slice(2 * third).join(""),
  );
}

const bothWays = (units, unit) => [units.toCodePoint(unit), units.toCodePoint(unit, true)];

function checkUnits(found, item) {
  const units = offsets.makeUnits(item.text);
  found.equal("lengths", [units.length, units.unitLength], [item.length, item.unit_length]);
  for (const [unit, point] of item.points) {
    found.equal(`unit ${unit}`, bothWays(units, unit), [point, point]);
    found.equal(`point ${point}`, units.toUnit(point), unit);
  }
  for (const [unit, down, up] of item.halves) {
    found.equal(`half ${unit}`, bothWays(units, unit), [down, up]);
  }
  for (const { start, end, quote } of item.slices) {
    found.equal("slice", offsets.sliceCodePoints(item.text, units, start, end), quote);
  }
  found.equal("outside", [units.toCodePoint(-1), units.toCodePoint(1e9)], [0, item.length]);
  found.equal("outside", [units.toUnit(-1), units.toUnit(1e9)], [0, item.unit_length]);
}

function checkOffsets(found, { root, units }, text) {
  for (let offset = 0; offset <= units.length; offset += 1) {
    for (const bias of ["start", "end"]) {
      const point = offsets.offsetToDomPoint(root, units, offset, bias);
      const back = offsets.domPointToOffset(root, units, point.node, point.offset, bias);
      found.equal(`offset ${offset}, ${bias}`, back, offset);
    }
  }
  for (let start = 0; start < units.length; start += 1) {
    for (const end of [start + 1, start + 2, units.length]) {
      if (end <= units.length) {
        const range = offsets.spanToLiveRange(root, units, start, end);
        const quote = offsets.sliceCodePoints(text, units, start, end);
        found.equal(`range ${start}-${end}`, range.toString(), quote);
        found.equal("span", offsets.rangeToSpan(root, units, range), { start, end });
        const fixed = offsets.spanToRange(root, units, start, end);
        found.equal("static", offsets.rangeToSpan(root, units, fixed), { start, end });
      }
    }
  }
}

/** Every boundary point there is, in text nodes, elements and comments, against a plain count. */
function checkPoints(found, { root, units }) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ALL);
  const plain = document.createRange();
  for (let node = root; node !== null; node = walker.nextNode()) {
    const places = node.nodeType === Node.ELEMENT_NODE ? node.childNodes.length : node.length;
    for (let place = 0; place <= places; place += 1) {
      plain.setStart(root, 0);
      plain.setEnd(node, place);
      const unit = plain.toString().length;
      found.equal(
        `${node.nodeName} ${place}`,
        [
          offsets.domPointToOffset(root, units, node, place),
          offsets.domPointToOffset(root, units, node, place, "end"),
        ],
        bothWays(units, unit),
      );
    }
  }
}

export function runCase(item) {
  const found = differences();
  checkUnits(found, item);
  for (const decorate of [false, true]) {
    const page = build(item.text, item.paragraphs, decorate);
    found.equal("text of the page", page.root.textContent, item.text);
    checkOffsets(found, page, item.text);
    checkPoints(found, page);
  }
  return found.wrong;
}

export function runEdges() {
  const found = differences();
  const { root, units } = build("a😀\n\nb", [
    [0, 2],
    [4, 5],
  ]);
  const [before, after] = [document.body.firstChild, document.body.lastChild];
  const span = (...points) => {
    const range = document.createRange();
    range.setStart(points[0], points[1]);
    range.setEnd(points[2], points[3]);
    return offsets.rangeToSpan(root, units, range);
  };
  const first = root.querySelector("p").firstChild;
  found.equal("all", span(before, 1, after, 2), { start: 0, end: 5 });
  found.equal("body", span(document.body, 0, document.body, 3), { start: 0, end: 5 });
  found.equal("from before", span(before, 1, first, 1), { start: 0, end: 1 });
  found.equal("to after", span(first, 1, after, 0), { start: 1, end: 5 });
  found.equal("half pair, both", span(first, 2, first, 2), null);
  found.equal("half pair, end", span(first, 0, first, 2), { start: 0, end: 2 });
  found.equal("half pair, start", span(first, 2, first, 3), { start: 1, end: 2 });
  found.equal("before", span(before, 0, before, 3), null);
  found.equal("after", span(after, 0, after, 3), null);
  found.equal("collapsed", span(first, 1, first, 1), null);
  found.equal("point outside", offsets.domPointToOffset(root, units, before, 0), null);
  found.equal("empty span", offsets.spanToRange(root, units, 2, 2), null);
  found.equal("span beyond", offsets.spanToRange(root, units, 5, 9), null);
  const detached = document.createElement("p");
  detached.append("x");
  found.equal("another tree", span(detached.firstChild, 0, detached.firstChild, 1), null);
  const empty = document.createElement("div");
  const none = offsets.makeUnits("");
  found.equal("empty root", offsets.offsetToDomPoint(empty, none, 0), null);
  found.equal("empty root", offsets.domPointToOffset(empty, none, empty, 0), 0);
  return found.wrong;
}

export function runReplaced() {
  const found = differences();
  const { root, units } = build("ab\ncd", [
    [0, 2],
    [3, 5],
  ]);
  found.equal(
    "starts",
    offsets.indexParagraphs(root).map(({ start }) => start),
    [0, 3],
  );
  const old = root.querySelectorAll("p")[1];
  const fresh = old.cloneNode(true);
  old.replaceWith(fresh);
  offsets.indexParagraphs(root);
  const { node } = offsets.offsetToDomPoint(root, units, 4);
  found.equal("after replacing", node === fresh.firstChild, true);
  return found.wrong;
}

export function runLines({ text, paragraphs }) {
  const found = differences();
  const lines = text.split(offsets.LINE_END).filter((line) => /\S/.test(line));
  found.equal("lines", lines, paragraphs);
  return found.wrong;
}

/** Milliseconds for one translation each way in a text of a million characters. */
export function measure() {
  const line = `${"The council met 😀. ".repeat(5)}x`;
  const text = Array(10_000).fill(line).join("\n");
  const length = Array.from(line).length;
  const starts = Array.from({ length: 10_000 }, (_, i) => i * (length + 1));
  const spans = starts.map((start) => [start, start + length]);
  const { root, units } = build(text, spans);
  const began = performance.now();
  const rounds = 200;
  for (let i = 0; i < rounds; i += 1) {
    const start = (i * 7919 * 127) % (units.length - 200);
    const range = offsets.spanToRange(root, units, start, start + 150);
    const span = offsets.rangeToSpan(root, units, range);
    if (span.start !== start || span.end !== start + 150) {
      throw new Error(`${start}: ${JSON.stringify(span)}`);
    }
  }
  return (performance.now() - began) / rounds;
}
