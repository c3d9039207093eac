/** The map beside an article: where along the text which code stands, and what part is in view. */

/**
 * @param {import("./side.js").Side} side
 * @param {(id: string) => void} onPick
 */
export function followMap(side, onPick) {
  const { root } = side;
  const map = root.querySelector(".map");
  const window = map.querySelector(".map-view");
  const scroller = root.querySelector(".scroller");
  for (const list of [map, root.querySelector(".listed")]) {
    list?.addEventListener("click", (event) => {
      const link = event.target.closest("[data-passage]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onPick(link.dataset.passage);
    });
  }
  /** The part of the text in view, as shares of a thousand: the map's own measure. */
  function follow() {
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    window.setAttribute("y", String(Math.round((scrollTop / scrollHeight) * 1000)));
    window.setAttribute("height", String(Math.round((clientHeight / scrollHeight) * 1000)));
  }
  scroller.addEventListener("scroll", follow, { passive: true });
  new ResizeObserver(follow).observe(side.article.root);
  const links = new Map();
  for (const link of map.querySelectorAll("[data-passage]")) links.set(link.dataset.passage, link);
  let on = null;
  side.addEventListener("active", () => {
    on?.removeAttribute("data-on");
    on = links.get(side.active);
    on?.setAttribute("data-on", "");
  });
  follow();
}
