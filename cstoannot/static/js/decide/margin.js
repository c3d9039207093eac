/** Places in the margin stand beside the line on which they begin, and never on one another. */

const GAP = 8; // pixels between two

/** @param {HTMLElement} main */
export function alignMargin(main) {
  const text = /** @type {HTMLElement|null} */ (main.querySelector(".lanes"));
  if (!text || matchMedia("(max-width: 60rem)").matches) return;
  let free = -Infinity; // the window's pixel from which the margin is free
  for (const margin of text.querySelectorAll(".beside")) {
    const row = /** @type {Element} */ (margin.parentElement).getBoundingClientRect();
    /** @type {HTMLElement} */ (margin).dataset.aligned = "";
    for (const label of /** @type {NodeListOf<HTMLElement>} */ (
      margin.querySelectorAll(".label")
    )) {
      const number = label.dataset.n;
      const mark = text.querySelector(number === "0" ? ".here" : `.neighbour[data-n="${number}"]`);
      const wanted = mark?.getClientRects()[0]?.top ?? row.top;
      const top = Math.max(wanted, free);
      label.style.top = `${top - row.top}px`;
      free = top + label.getBoundingClientRect().height + GAP;
    }
    const bottom = free - row.top;
    if (bottom > row.height) /** @type {HTMLElement} */ (margin).style.minHeight = `${bottom}px`;
  }
}
