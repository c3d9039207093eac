/** Which passages lie near the view: only they are painted and have stripes. */

import { oncePerFrame } from "./timing.js";

/** Pixels above and below the view that are painted ahead. */
const MARGIN = 1000;
/** Pixels scrolled before that part is looked at again. */
const STRIDE = 400;

/**
 * @param {{uiState: PaintedState, article: Article, measure?: (passages: Passage[]) => any,
 *   draw: (passages: Passage[], span: Span|null, measured: any) => void}}
 *   parts `span` is the text near the view in code points; `measure` reads what `draw` needs of the
 *   layout, before anything is written
 * @returns {(() => void) & {soon: () => void}} looks at once; `soon`: once in the next frame
 */
export function followView({ uiState, article, measure = () => undefined, draw }) {
  let lastTop = NaN;
  const place = () => article.root.getBoundingClientRect().top;

  function read() {
    lastTop = place();
    const span = article.near(MARGIN);
    const passages = span ? uiState.intervals.within(span.start, span.end) : [];
    return { passages, span, measured: measure(passages) };
  }
  const write = ({ passages, span, measured }) => draw(passages, span, measured);
  const look = () => write(read());
  look.soon = oncePerFrame(write, read);
  const scrolled = () => {
    if (Math.abs(place() - lastTop) >= STRIDE) look.soon();
  };
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });
  new ResizeObserver(look.soon).observe(article.root);
  uiState.addEventListener("passages", look.soon);
  return look;
}
