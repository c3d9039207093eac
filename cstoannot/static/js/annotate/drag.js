/**
 * Selecting by dragging with a mouse or pen. A browser ends a selection at whatever element lies
 * under the pointer, which may be far away in the page; here it ends at the nearest place of the
 * text. Touch, double and triple clicks are the browser's own.
 */

import { createEdgeScroll } from "../parts/edge-scroll.js";

/** A press that moves less than this is a click. */
const CLICK = 3; // pixels
const CONTROL = "a, button, input, textarea, select, summary, label, .handle";

/** What several clicks on the same place select, and widen a drag by. */
/** @type {Record<number, import("../parts/movement.js").Step>} */
const STEPS = { 2: "word", 3: "paragraph" };

/**
 * @typedef {object} Drag
 * @property {number} x where it began, in the window's pixels
 * @property {number} y
 * @property {MouseEvent} last
 * @property {Span} span what it began with
 * @property {boolean} isTitle it began in the title
 * @property {boolean} moved
 * @property {import("../parts/movement.js").Step} [step] what it is widened by
 */

/**
 * @param {{article: Article, movement: import("../parts/movement.js").Movement, ended: () => void}} parts
 *   `ended`: a drag has selected text, or nothing
 * @returns {{settle: () => void}} ends a drag where it is
 */
export function followDrags({ article, movement, ended }) {
  const { root, scroller } = article;
  const state = document.documentElement.dataset;
  let isTouch = false;
  /** @type {Drag|null} */
  let drag = null;

  function press(event) {
    if (isTouch) return;
    delete state.selecting;
    drag = null;
    if (event.button !== 0 || event.target.closest(CONTROL)) return;
    if (!scroller.contains(event.target)) state.selecting = "beside";
    else if (!onScrollbar(scroller, event)) drag = begin(event);
  }

  /** @param {On<MouseEvent>} event */
  function begin(event) {
    const { clientX: x, clientY: y } = event;
    const at = article.nearest(x, y);
    const isTitle = Boolean(event.target.closest("header"));
    /** @type {Drag} */
    const begun = { x, y, last: event, span: { start: at, end: at }, isTitle, moved: false };
    const from = event.shiftKey ? anchorIn(article) : null;
    if (from !== null) {
      begun.span = { start: from, end: from };
      begun.moved = true;
    } else if (event.detail > 1 && root.contains(event.target)) {
      begun.step = STEPS[Math.min(event.detail, 3)];
      begun.span = movement.around(begun.step, at) ?? begun.span;
      return begun; // the browser selects the word or paragraph
    } else if (isTitle) return begun; // it can be selected for itself
    event.preventDefault();
    root.focus({ preventScroll: true });
    if (from === null) article.select(at, at);
    else extend(begun, article, movement);
    return begun;
  }

  function follow(event) {
    if (!drag) return;
    if (!(event.buttons & 1)) return void finish();
    drag.last = event;
    if (!drag.moved && !begins(drag, event)) return;
    event.preventDefault();
    if (!drag.moved) root.focus({ preventScroll: true });
    drag.moved = true;
    state.selecting = "text";
    extend(drag, article, movement);
    edge.to(event.clientY);
  }

  function finish() {
    const { selecting } = state;
    delete state.selecting;
    edge.stop();
    const done = drag;
    drag = null;
    if (done?.moved) ended();
    else if (selecting === "beside") leaveText(root);
  }

  const again = () => drag?.moved && extend(drag, article, movement);
  const edge = createEdgeScroll(article, 0, again);
  document.addEventListener("pointerdown", (event) => (isTouch = event.pointerType === "touch"));
  document.addEventListener("mousedown", press);
  document.addEventListener("mousemove", follow);
  document.addEventListener("mouseup", (event) => {
    if (isTouch) return;
    if (drag?.moved) {
      drag.last = event;
      extend(drag, article, movement);
    }
    finish();
  });
  document.addEventListener("scroll", again, { capture: true, passive: true });
  root.addEventListener("dragstart", (event) => event.preventDefault());
  return { settle: () => drag?.moved && finish() };
}

/**
 * Select from where the drag began to where the pointer is, in whole words after a double click.
 * @param {Drag} drag
 * @param {Article} article
 * @param {import("../parts/movement.js").Movement} movement
 */
function extend({ span, step, last }, article, movement) {
  const at = article.nearest(last.clientX, last.clientY);
  const piece = (step && movement.around(step, at)) || { start: at, end: at };
  if (piece.start < span.start) article.select(span.end, piece.start);
  else article.select(span.start, Math.max(span.end, piece.end));
}

/** Whether a press has become a drag; one in the title leaves it first. */
function begins({ x, y, isTitle }, { target, clientX, clientY }) {
  if (isTitle) return !target.closest?.("header");
  return Math.hypot(clientX - x, clientY - y) > CLICK;
}

/** Where the selected text begins that Shift and a click extend; null when none is. */
function anchorIn({ root, offsetOf }) {
  const { anchorNode, anchorOffset } = document.getSelection();
  return root.contains(anchorNode) ? offsetOf(anchorNode, anchorOffset) : null;
}

/** A drag that began beside the text selects nothing in it. */
function leaveText(root) {
  const selection = document.getSelection();
  const touches = selection.rangeCount && selection.getRangeAt(0).intersectsNode(root);
  if (touches && !selection.isCollapsed) selection.removeAllRanges();
}

function onScrollbar(scroller, { clientX }) {
  const box = scroller.getBoundingClientRect();
  const { clientLeft, clientWidth } = scroller;
  const x = clientX - box.left - clientLeft;
  return x < 0 || x > clientWidth;
}
