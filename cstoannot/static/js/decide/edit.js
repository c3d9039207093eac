/** Edit a passage in place: its words are selected in the text, or its ends move by a word. */

import { domPointToOffset, makeUnits, offsetToDomPoint, sliceCodePoints } from "../lib/offsets.js";
import { element } from "../parts/element.js";
import { Movement } from "../parts/movement.js";

const NAME = "cstoannot-edit";
const ENDS = [
  ["start", "{", "}"],
  ["end", "[", "]"],
];

/**
 * @param {HTMLElement} main
 * @returns {{move: (end: "start"|"end", forward: boolean) => void, stance: (name: string) => void}|null}
 */
export function openEdit(main) {
  CSS.highlights?.delete(NAME);
  const form = main.querySelector(".editing");
  const text = main.querySelector("#text");
  return form && text ? createEdit(form, readWindow(text)) : null;
}

/** The paragraphs on the page, as an article that begins with the first of them. */
function readWindow(root) {
  const parts = [...root.querySelectorAll("p[data-start]")].map((paragraph) => {
    const line = paragraph.textContent;
    return { paragraph, start: Number(paragraph.dataset.start), line, units: makeUnits(line) };
  });
  const base = parts[0]?.start ?? 0;
  let text = "";
  let reached = base;
  for (const { start, line, units } of parts) {
    text += "\n".repeat(Math.max(0, start - reached)) + line;
    reached = start + units.length;
  }
  const paragraphs = parts.map(({ start, units }) => ({
    start: start - base,
    end: start - base + units.length,
  }));
  const units = makeUnits(text);
  const article = { text, units, paragraphs, language: root.lang, length: units.length };
  return { root, parts, base, article };
}

function createEdit(form, shown) {
  const rows = [...form.querySelectorAll("[data-row]")];
  const movement = new Movement(/** @type {any} */ (shown.article));
  let active = rows.find((row) => of(row, "code").value) ?? rows[0];

  function activate(row) {
    active = row;
    for (const one of rows) one.toggleAttribute("data-on", one === row);
    paint(shown, rows);
  }

  function set(row, start, end) {
    of(row, "start").value = String(start);
    of(row, "end").value = String(end);
    of(row, "quote").value = quoteOf(shown, start, end);
    of(row, "keep").checked = true;
    paint(shown, rows);
  }

  /** @param {"start"|"end"} side @param {boolean} forward */
  function move(side, forward) {
    const [start, end] = boundsOf(active);
    const at = (side === "start" ? start : end) - shown.base;
    const to = movement.seek("word", at, forward, side) + shown.base;
    const span = side === "start" ? [to, end] : [start, to];
    if (span[0] < span[1]) set(active, ...span);
  }

  function select() {
    const span = selectedSpan(shown);
    if (!span) return;
    set(active, span.start, span.end);
    document.getSelection().removeAllRanges();
  }

  for (const row of rows) {
    row.addEventListener("focusin", () => activate(row));
    of(row, "code").addEventListener("change", () => (of(row, "keep").checked = true));
    of(row, "keep").addEventListener("change", () => paint(shown, rows));
    addButtons(row, (side, forward) => {
      activate(row);
      move(side, forward);
    });
  }
  shown.root.addEventListener("pointerup", () => setTimeout(select));
  form.querySelector(".hint").hidden = false;
  activate(active);
  return {
    move,
    stance(name) {
      const field = active.querySelector("[name^=stance]");
      field.value = field.value === name ? "" : name;
    },
  };
}

/** Buttons that move an end, for fingers. */
function addButtons(row, move) {
  const box = row.querySelector(".ends");
  for (const [side, back, on] of ENDS) {
    box.append(element("span", { text: side === "start" ? "Start" : "End" }));
    for (const [key, forward] of [
      [back, false],
      [on, true],
    ]) {
      const words = `${side} one word ${forward ? "later" : "earlier"} (${key})`;
      box.append(
        element("button", {
          type: "button",
          text: forward ? "→" : "←",
          title: words,
          "aria-label": words,
          on: { click: () => move(side, forward) },
        }),
      );
    }
  }
  box.hidden = false;
}

/** @returns {HTMLInputElement} the row's field */
const of = (row, name) => row.querySelector(`[data-of=${name}]`);

const boundsOf = (row) => [Number(of(row, "start").value), Number(of(row, "end").value)];

const quoteOf = ({ article, base }, start, end) =>
  sliceCodePoints(article.text, article.units, start - base, end - base);

/** What is selected in the text, without white space at its ends; null for nothing. */
function selectedSpan(shown) {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const start = offsetOf(shown, range.startContainer, range.startOffset, false);
  const end = offsetOf(shown, range.endContainer, range.endOffset, true);
  if (start === null || end === null || start >= end) return null;
  const quote = quoteOf(shown, start, end);
  const lead = quote.length - quote.trimStart().length;
  const trail = quote.length - quote.trimEnd().length;
  return quote.trim() ? { start: start + lead, end: end - trail } : null;
}

/** The offset in the source of a point in one of the paragraphs; null elsewhere. */
function offsetOf({ parts }, node, offset, isEnd) {
  const part = parts.find(({ paragraph }) => paragraph.contains(node));
  if (!part) return null;
  const at = domPointToOffset(part.paragraph, part.units, node, offset, isEnd ? "end" : "start");
  return at === null ? null : part.start + at;
}

/** Paint the passages as they would be. */
function paint(shown, rows) {
  if (!CSS.highlights) return;
  const ranges = rows
    .filter((row) => of(row, "keep").checked)
    .flatMap((row) => {
      const [start, end] = boundsOf(row);
      return shown.parts.flatMap((part) => rangeIn(part, start, end) ?? []);
    });
  CSS.highlights.set(NAME, new Highlight(...ranges));
}

function rangeIn({ paragraph, units, start: first }, start, end) {
  const from = Math.max(start - first, 0);
  const to = Math.min(end - first, units.length);
  if (from >= to) return null;
  const low = offsetToDomPoint(paragraph, units, from, "start");
  const high = offsetToDomPoint(paragraph, units, to, "end");
  if (!low || !high) return null;
  const range = document.createRange();
  range.setStart(low.node, low.offset);
  range.setEnd(high.node, high.offset);
  return range;
}
