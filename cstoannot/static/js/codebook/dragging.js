/** Moving a code by its grip with a mouse, a pen or a finger. */

import { createEdgeScroll } from "../parts/edge-scroll.js";
import { isFolded, isShown } from "./cards.js";
import { depthsAt, endOf } from "./order.js";

const CLICK = 4; // pixels: a press that moves less is a click
const EDGE = 56; // pixels from the window's edges from which on it scrolls
const LEVEL = 28; // pixels to the left that take a code one level out
const INDENT = 20; // pixels a level, as the style sheet has it
const WORDS = 20; // pixels that they reach above the mark
const NOTHING = { entries: [], index: 0, end: 0 }; // until the drag begins
const FRAME = {
  frame: () => ({ top: 0, bottom: innerHeight }),
  scrollBy: (by, behavior) => scrollBy({ top: by, behavior }),
};

/**
 * @typedef {ReturnType<typeof import("./cards.js").readCards>} Entries
 * @typedef {import("./order.js").Place} Place
 * @typedef {{entries: () => Entries, begin: (grip: HTMLElement) => void,
 *   plan: (index: number, place: Place) => {words: string, after?: Entries},
 *   drop: (index: number, place: Place) => void}} Outline
 *
 * @typedef {object} Drag
 * @property {HTMLElement} grip
 * @property {number} pointerId
 * @property {{x: number, y: number}} from in the window's pixels
 * @property {{x: number, y: number}} at
 * @property {boolean} begun
 * @property {Place|null} place where it would go
 * @property {Entries} entries as they stand
 * @property {number} index of what is dragged
 * @property {number} end after what is dragged with it
 */

/**
 * @param {HTMLElement} list
 * @param {HTMLElement} mark shows where the code would go
 * @param {Outline} codes `entries()` as they stand; `begin(grip)` before a drag; `plan(index, place)`
 *   what to say of a place, and the list `after` if a code may go there; `drop(index, place)`
 * @returns {{cancel: () => void}}
 */
export function followGrips(list, mark, { entries, begin, plan, drop }) {
  /** @type {Drag|null} */
  let drag = null;

  function press(event) {
    const grip = event.target.closest(".grip");
    if (!grip || event.button !== 0 || drag) return;
    begin(grip);
    grip.focus({ preventScroll: true }); // Safari gives a pressed button no focus
    grip.setPointerCapture(event.pointerId);
    const { clientX: x, clientY: y, pointerId } = event;
    drag = { grip, pointerId, from: { x, y }, at: { x, y }, begun: false, place: null, ...NOTHING };
  }

  function follow(event) {
    if (!drag || event.pointerId !== drag.pointerId) return;
    drag.at = { x: event.clientX, y: event.clientY };
    if (!drag.begun) {
      if (Math.hypot(drag.at.x - drag.from.x, drag.at.y - drag.from.y) < CLICK) return;
      start(drag);
    }
    aim();
    edge.to(drag.at.y);
  }

  /** @param {Drag} drag */
  function start(drag) {
    drag.begun = true;
    const card = drag.grip.closest(".code");
    drag.entries = entries();
    drag.index = drag.entries.findIndex((one) => one.card === card);
    drag.end = endOf(drag.entries, drag.index);
    for (const one of drag.entries.slice(drag.index, drag.end)) one.card.classList.add("dragged");
    document.documentElement.dataset.dragging = "code";
  }

  function aim() {
    if (!drag?.begun) return;
    const target = targetAt(drag);
    const planned = target && plan(drag.index, target.place);
    drag.place = target && planned?.after ? target.place : null;
    mark.hidden = !target;
    if (target && planned) showMark(mark, target, planned);
  }

  function finish(isDrop) {
    if (!drag) return;
    const { begun, place, index, grip, pointerId } = drag;
    if (begun) for (const one of drag.entries) one.card.classList.remove("dragged");
    drag = null;
    edge.stop();
    mark.hidden = true;
    delete document.documentElement.dataset.dragging;
    if (grip.hasPointerCapture(pointerId)) grip.releasePointerCapture(pointerId);
    if (isDrop && begun && place) drop(index, place);
  }

  const edge = createEdgeScroll(FRAME, EDGE, aim);
  list.addEventListener("pointerdown", press);
  list.addEventListener("pointermove", follow);
  list.addEventListener(
    "pointerup",
    (event) => event.pointerId === drag?.pointerId && finish(true),
  );
  list.addEventListener("pointercancel", () => finish(false));
  list.addEventListener("lostpointercapture", () => finish(false));
  document.addEventListener("scroll", aim, { passive: true });
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !drag) return;
      event.stopImmediatePropagation();
      finish(false);
    },
    { capture: true },
  );
  return { cancel: () => finish(false) };
}

/** The place at the pointer; null over what is dragged. */
function targetAt({ entries, index, end, from, at }) {
  const shown = entries.filter(isShown);
  const { entry, box } = nearest(shown, at.y);
  const target = entries.indexOf(entry);
  if (target >= index && target < end) return null;
  const placed = (kind, gap, depth) => ({ box, kind, own: entry.depth, place: { gap, depth } });
  const part = (at.y - box.top) / box.height;
  if (part < 1 / 3) return placed("before", target, entry.depth);
  if (part < 2 / 3) return placed("into", endOf(entries, target), entry.depth + 1);
  // Right after a code with codes below it is the place before the first of them, if it is open.
  const gap = isFolded(entry) ? endOf(entries, target) : target + 1;
  const { least, most } = depthsAt(entries, index, gap);
  const out = Math.max(0, Math.floor((from.x - at.x) / LEVEL));
  const wanted = Math.max(least, entry.depth - out);
  return placed("after", gap, Math.min(most, wanted));
}

/** The card at this height, or the nearest one; a binary search, for there may be many. */
function nearest(shown, y) {
  let [low, high] = [0, shown.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shown[middle].card.getBoundingClientRect().bottom < y) low = middle + 1;
    else high = middle;
  }
  return { entry: shown[low], box: shown[low].card.getBoundingClientRect() };
}

const indentOf = (/** @type {number} */ depth) => INDENT * Math.max(0, depth - 1);

/**
 * @param {HTMLElement} mark
 * @param {NonNullable<ReturnType<typeof targetAt>>} target
 * @param {{words: string, after?: Entries}} planned
 */
function showMark(mark, { box, kind, own, place }, { words, after }) {
  mark.dataset.kind = kind;
  mark.dataset.fits = String(Boolean(after));
  mark.children[0].textContent = words;
  // A line is as far in as the code would stand; those at the top and right below are not.
  const inset = kind === "into" ? 0 : indentOf(place.depth) - indentOf(own);
  mark.style.left = `${box.left + inset}px`;
  mark.style.width = `${box.width - inset}px`;
  // Its words stay in view beside a card that is taller than the window.
  const top = Math.max(box.top, WORDS);
  mark.style.top = `${kind === "after" ? box.bottom : top}px`;
  mark.style.height = kind === "into" ? `${Math.max(0, box.bottom - top)}px` : "";
}
