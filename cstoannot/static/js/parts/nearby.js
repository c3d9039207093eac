/** Which passages lie near the view: only they are painted and have stripes. */

import { oncePerFrame } from "./timing.js";

/** Pixels above and below the view that are painted ahead. */
const MARGIN = 1500;
/** Pixels scrolled before that part is looked at again. */
const STRIDE = 500;

/**
 * @param {{desk: Object, article: Object,
 *   draw: (passages: Object[], span: {start: number, end: number}|null) => void}} parts `span` is
 *   the text near the view in code points
 * @returns {() => void} looks at once
 */
export function followView({ desk, article, draw }) {
  let lastTop = NaN;
  const place = () => article.root.getBoundingClientRect().top;

  function look() {
    lastTop = place();
    const span = article.near(MARGIN);
    draw(span ? desk.intervals.within(span.start, span.end) : [], span);
  }
  const scrolled = oncePerFrame(() => {
    if (Math.abs(place() - lastTop) >= STRIDE) look();
  });
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });
  new ResizeObserver(oncePerFrame(look)).observe(article.root);
  desk.addEventListener("passages", oncePerFrame(look));
  return look;
}
