/** Handles at both ends of the selected passage: drag them to change where it starts or ends. */

import { oncePerFrame } from "../parts/timing.js";

const EDGE = 48; // pixels from the edge of the view where dragging scrolls

/**
 * @param {{handles: HTMLElement[], desk: Object, article: Object, mayAnnotate: boolean,
 *   setEnds: (id: string, span: {start: number, end: number}) => void}} parts
 */
export function createHandles({ handles, desk, article, mayAnnotate, setEnds }) {
  function draw() {
    const current = desk.current;
    const shown = Boolean(current?.mine && mayAnnotate);
    const span = shown && desk.preview?.id === current.id ? desk.preview : current;
    for (const handle of handles) {
      handle.hidden = !shown;
      if (shown) place(handle, span, current.code);
    }
  }

  function place(handle, span, code) {
    const isEnd = handle.dataset.end === "end";
    const box = article.rectangle(isEnd ? span.end - 1 : span.start);
    if (!box) return;
    const origin = handle.parentElement.getBoundingClientRect();
    const right = isEnd !== article.isRightToLeft(isEnd ? span.end - 1 : span.start);
    handle.dataset.code = code;
    handle.style.left = `${(right ? box.right : box.left) - origin.left}px`;
    handle.style.top = `${box.top - origin.top}px`;
    handle.style.height = `${box.height}px`;
  }

  for (const handle of handles) makeDraggable(handle, { desk, article, setEnds });
  for (const type of ["active", "passages", "preview"]) desk.addEventListener(type, draw);
  new ResizeObserver(oncePerFrame(draw)).observe(article.root);
}

function makeDraggable(handle, { desk, article, setEnds }) {
  let span = null; // what the passage would be if the handle were let go
  let lift = 0; // pixels from the finger to the line of text it drags

  function follow(event) {
    const at = article.nearest(event.clientX, event.clientY - lift);
    if (at === null) return;
    const { start, end } = desk.current;
    const isEnd = handle.dataset.end === "end";
    span = isEnd
      ? { start, end: Math.max(at, start + 1) }
      : { start: Math.min(at, end - 1), end };
    desk.show({ id: desk.active, ...span });
    scrollAtEdge(event.clientY, article);
  }

  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const box = handle.getBoundingClientRect();
    lift = event.pointerType === "touch" ? event.clientY - (box.top + box.height / 2) : 0;
    handle.setPointerCapture(event.pointerId);
    document.documentElement.toggleAttribute("data-dragging", true);
    span = null;
    handle.addEventListener("pointermove", follow);
  });
  function stop(keep) {
    handle.removeEventListener("pointermove", follow);
    document.documentElement.removeAttribute("data-dragging");
    const done = span;
    span = null;
    desk.show(null);
    if (done && keep && desk.active) setEnds(desk.active, done);
  }
  handle.addEventListener("pointerup", () => stop(true));
  handle.addEventListener("pointercancel", () => stop(false));
}

function scrollAtEdge(y, article) {
  const { top, bottom } = article.frame();
  const by = y < top + EDGE ? -16 : y > bottom - EDGE ? 16 : 0;
  if (by) article.scrollBy(by, "instant");
}
