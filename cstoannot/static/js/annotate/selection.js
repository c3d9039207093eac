/** Selecting text with the mouse or by touch, and passages by clicking on them. */

import { oncePerFrame, whenQuiet } from "../parts/timing.js";

/** Touch selections change many times while a handle is dragged: wait until they rest. */
const REST = 300; // milliseconds
/** A press that moves less than this is a click. */
const CLICK = 4; // pixels

/**
 * @param {{desk: Object, article: Object, canSelect: boolean}} parts
 */
export function followPointer({ desk, article, canSelect }) {
  const { root } = article;
  const take = () => {
    const span = canSelect ? readSelection(article) : null;
    if (span) desk.select(span);
  };
  followPress(root, {
    dragged: take,
    // A double click has selected its word by now.
    clicked: (event) => (document.getSelection().isCollapsed ? pick(desk, article, event) : take()),
  });
  const rested = whenQuiet(() => {
    if (!document.getSelection().isCollapsed) take();
  }, REST);
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (!root.contains(selection.anchorNode)) return;
    if (selection.isCollapsed) desk.select(null);
    else rested();
  });
  followHover(desk, article);
}

/** What is selected in the article, if anything of it can be read. */
function readSelection(article) {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const span = article.span(selection.getRangeAt(0));
  if (!span) return null;
  const { start, end } = article.trim(span);
  return start < end ? span : null;
}

/** Tell clicks from drags that begin in the article, wherever they end. */
function followPress(root, { dragged, clicked }) {
  let pressed = null;
  const still = (event) =>
    Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) <= CLICK;
  root.addEventListener("pointerdown", (event) => {
    pressed = { x: event.clientX, y: event.clientY };
    document.documentElement.toggleAttribute("data-touch", event.pointerType === "touch");
  });
  document.addEventListener("pointerup", (event) => {
    if (pressed && !still(event)) setTimeout(dragged); // the browser finishes its selection first
    if (!root.contains(event.target)) pressed = null;
  });
  root.addEventListener("click", (event) => {
    const here = pressed && still(event);
    pressed = null;
    if (here) clicked(event);
  });
}

/** Clicking takes the shortest passage there, clicking again the next one under it. */
function pick(desk, article, event) {
  const offset = article.character(event.clientX, event.clientY);
  const here = offset === null ? [] : desk.intervals.at(offset);
  const at = here.findIndex(({ id }) => id === desk.active);
  const next = here[(at + 1) % here.length];
  desk.activate(next?.id ?? null);
  const caret = article.nearest(event.clientX, event.clientY);
  if (caret !== null) desk.moveCaret(caret);
}

function followHover(desk, article) {
  let last = null;
  const look = oncePerFrame(() => {
    if (!last) return desk.point(null);
    const offset = article.character(last.clientX, last.clientY);
    const here = offset === null ? [] : desk.intervals.at(offset);
    article.root.classList.toggle("over", here.length > 0);
    return desk.point(here[0]?.id ?? null);
  });
  article.root.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || event.buttons) return;
    last = event;
    look();
  });
  article.root.addEventListener("pointerleave", () => {
    last = null;
    look();
  });
}
