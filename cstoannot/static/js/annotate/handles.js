/** Handles at both ends of the selected passage: drag them to change where it starts or ends. */

import { createEdgeScroll } from "../parts/edge-scroll.js";
import { oncePerFrame } from "../parts/timing.js";
import { pick } from "./selection.js";

const EDGE = 48; // pixels from the edge of the view where dragging scrolls
const MARGIN = 10; // pixels beside the text that a handle takes where no letter stands
const FINGER = 24; // pixels that a handle takes of its own passage for a finger
const CLICK = 3; // pixels

/**
 * @param {{handles: HTMLElement[], uiState: UiState, article: Article, mayAnnotate: boolean,
 *   setEnds: (id: string, span: Span) => void}} parts
 */
export function createHandles({ handles, uiState, article, mayAnnotate, setEnds }) {
  const coarse = matchMedia("(pointer: coarse)");
  function draw() {
    const current = uiState.current;
    const shown = Boolean(current?.mine && mayAnnotate);
    const span = shown && uiState.preview?.id === current?.id ? uiState.preview : current;
    for (const handle of handles) {
      handle.hidden = !shown;
      if (shown) place(handle, span, current?.code);
    }
  }

  function place(handle, span, code) {
    const isEnd = handle.dataset.end === "end";
    const { own, outside } = letterAt(article, span, isEnd);
    if (!own) return;
    const origin = handle.parentElement.getBoundingClientRect();
    const rightToLeft = isRightToLeft(article, isEnd ? span.end - 1 : span.start);
    const isRight = isEnd !== rightToLeft;
    const alone = span.end - span.start === 1;
    const letter = own.width / (alone ? 2 : 1);
    const inside = coarse.matches && !alone ? Math.max(letter, FINGER) : letter;
    handle.dataset.code = code;
    handle.dataset.side = isRight ? "right" : "left";
    handle.style.left = `${(isRight ? own.right : own.left) - origin.left}px`;
    handle.style.top = `${own.top - origin.top}px`;
    handle.style.height = `${own.height}px`;
    handle.style.setProperty("--inside", `${inside}px`);
    handle.style.setProperty("--outside", `${outside ? 0 : MARGIN}px`);
  }

  for (const handle of handles) makeDraggable(handle, { uiState, article, setEnds });
  for (const type of ["active", "passages", "preview"]) uiState.addEventListener(type, draw);
  coarse.addEventListener("change", draw);
  new ResizeObserver(oncePerFrame(draw)).observe(article.root);
}

/** The passage's own letter at one end, and whether another stands beside it on the same line. */
function letterAt(article, { start, end }, isEnd) {
  const own = article.rectangle(isEnd ? end - 1 : start);
  const next = isEnd ? end : start - 1;
  const isText = next >= 0 && next < article.length && article.slice(next, next + 1) !== "\n";
  const beside = isText ? article.rectangle(next) : null;
  const outside = Boolean(beside && own && beside.top < own.bottom && beside.bottom > own.top);
  return { own, outside };
}

/** Whether a letter is read from right to left: in a line of two scripts it may not be as its line is. */
function isRightToLeft(article, offset) {
  const letter = article.slice(offset, offset + 1);
  if (RIGHT_TO_LEFT.test(letter)) return true;
  return !/\p{L}/u.test(letter) && article.isRightToLeft(offset);
}

const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * @typedef {{x: number, y: number, lift: number, from: {x: number, y: number}}} Grip in pixels of
 *   the window; `lift`: how far above the pointer its place is
 *
 * @param {HTMLElement} handle
 * @param {{uiState: UiState, article: Article, setEnds: (id: string, span: Span) => void}} parts
 */
function makeDraggable(handle, { uiState, article, setEnds }) {
  const state = document.documentElement.dataset;
  const isEnd = handle.dataset.end === "end";
  /** @type {Grip|null} */
  let grip = null; // where it was taken and where the pointer is now
  /** @type {Span|null} */
  let span = null; // what the passage would be if the handle were let go

  function show() {
    const { current } = uiState;
    if (!grip || !current) return;
    const { x, y, lift } = grip;
    const at = article.nearest(x, y - lift);
    const { id, start, end } = current;
    span = isEnd ? { start, end: Math.max(at, start + 1) } : { start: Math.min(at, end - 1), end };
    uiState.show({ id, ...span });
  }
  const edge = createEdgeScroll(article, EDGE, show);

  function follow({ clientX: x, clientY: y }) {
    if (!grip) return;
    const moved = Math.hypot(x - grip.from.x, y - grip.from.y) > CLICK;
    if (!span && !moved) return;
    Object.assign(grip, { x, y });
    show();
    edge.to(y);
  }

  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    const { clientX: x, clientY: y } = event;
    const box = handle.getBoundingClientRect();
    const lift = event.pointerType === "touch" ? y - (box.top + box.height / 2) : 0;
    grip = { x, y, lift, from: { x, y } };
    span = null;
    handle.setPointerCapture(event.pointerId);
    state.dragging = "";
    handle.dataset.grabbed = "";
    handle.addEventListener("pointermove", follow);
  });
  function stop(event, keep) {
    if (!grip) return;
    handle.removeEventListener("pointermove", follow);
    edge.stop();
    const done = span;
    span = grip = null;
    uiState.show(null);
    if (!done && keep) pick(uiState, article, event); // a click on the letter below
    delete state.dragging;
    delete handle.dataset.grabbed;
    if (done && keep && uiState.active) setEnds(uiState.active, done);
  }
  handle.addEventListener("pointerup", (event) => stop(event, true));
  handle.addEventListener("pointercancel", (event) => stop(event, false));
}
