/** Selecting text with the mouse or by touch, and passages by clicking on them. */

import { oncePerFrame, whenQuiet } from "../parts/timing.js";
import { followDrags } from "./drag.js";

/** Touch selections change many times while a handle is dragged: wait until they rest. */
const REST = 300; // milliseconds
const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"]);

/**
 * @param {{uiState: UiState, article: Article, movement: Caret["movement"], canSelect: boolean}} parts
 */
export function followPointer({ uiState, article, movement, canSelect }) {
  const { root } = article;
  /** What is highlighted becomes the target of the next code, and nothing else. */
  const take = () => {
    if (!canSelect) return;
    const span = readSelection(article);
    if (!span) uiState.activate(null);
    uiState.select(span);
  };
  const rested = whenQuiet(() => readSelection(article) && take(), REST);
  const drags = followDrags({ article, movement, ended: take });

  followTouch(root);
  root.addEventListener("click", (event) => {
    if (document.getSelection().isCollapsed) pick(uiState, article, event);
    else take(); // a double click has selected its word by now
  });
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    const inText = selection.rangeCount && selection.getRangeAt(0).intersectsNode(root);
    if (!selection.isCollapsed && inText) rested();
    else if (root.contains(selection.anchorNode)) uiState.select(null);
  });
  const settle = ({ key }) => {
    if (MODIFIERS.has(key)) return;
    drags.settle();
    rested.now();
  };
  document.addEventListener("keydown", settle, { capture: true });
  const isLeft = { selection: () => !uiState.selection, active: () => uiState.active };
  for (const [type, left] of Object.entries(isLeft)) {
    uiState.addEventListener(type, () => {
      if (canSelect && left() && readSelection(article)) clearSelection();
    });
  }
  followHover(uiState, article);
}

const clearSelection = () => document.getSelection().removeAllRanges();

/** What is selected in the article, if anything of it can be read. */
function readSelection(article) {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const span = article.span(selection.getRangeAt(0));
  if (!span) return null;
  const { start, end } = article.trim(span);
  return start < end ? span : null;
}

/** A touch in the text: what lies beside it cannot be selected from there. */
function followTouch(root) {
  const page = document.documentElement;
  document.addEventListener("pointerdown", ({ pointerType, target }) => {
    const isTouch = pointerType === "touch";
    if (root.contains(target)) page.toggleAttribute("data-touch", isTouch);
    if (isTouch && root.contains(target)) page.dataset.selecting = "touch";
    else if (page.dataset.selecting === "touch") delete page.dataset.selecting;
  });
}

/**
 * Clicking takes the shortest passage there, clicking again the next one under it.
 * @param {UiState} uiState
 * @param {Article} article
 * @param {Point} event
 */
export function pick(uiState, article, event) {
  const offset = article.character(event.clientX, event.clientY);
  const here = offset === null ? [] : uiState.intervals.at(offset);
  const at = here.findIndex(({ id }) => id === uiState.active);
  const next = here[(at + 1) % here.length];
  uiState.activate(next?.id ?? null);
  uiState.moveCaret(article.nearest(event.clientX, event.clientY));
}

function followHover(uiState, article) {
  /** @type {PointerEvent|null} */
  let last = null;
  const look = oncePerFrame(() => {
    if (!last) return uiState.point(null);
    const offset = article.character(last.clientX, last.clientY);
    const here = offset === null ? [] : uiState.intervals.at(offset);
    article.root.classList.toggle("over", here.length > 0);
    return uiState.point(here[0]?.id ?? null);
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
