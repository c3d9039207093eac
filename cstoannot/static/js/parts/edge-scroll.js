/** Scrolling while something is dragged to the edge of the view, for as long as it is held there. */

/**
 * @param {Pick<Article, "frame"|"scrollBy">} article
 * @param {number} margin pixels inside the view's edges from which on it scrolls
 * @param {() => void} scrolled called after each step: something else lies under the pointer now
 * @returns {{to: (y: number) => void, stop: () => void}}
 */
export function createEdgeScroll(article, margin, scrolled) {
  /** @type {number|null} */
  let height = null;
  let frame = 0;
  function step() {
    frame = 0;
    const by = height === null ? 0 : beyond(article.frame(), height, margin);
    if (!by) return;
    article.scrollBy(Math.sign(by) * Math.min(24, 2 + Math.abs(by) / 4), "instant");
    scrolled();
    frame ||= requestAnimationFrame(step);
  }
  return {
    to(y) {
      height = y;
      frame ||= requestAnimationFrame(step);
    },
    stop() {
      height = null;
      cancelAnimationFrame(frame);
      frame = 0;
    },
  };
}

/** How far a height lies above (negative) or below what can be seen. */
function beyond({ top, bottom }, y, margin) {
  // The pointer cannot be seen leaving a window that fills the screen: its last pixels count.
  const low = bottom - (bottom >= innerHeight ? Math.max(margin, 3) : margin);
  return Math.min(0, y - (top + margin)) + Math.max(0, y - low);
}
