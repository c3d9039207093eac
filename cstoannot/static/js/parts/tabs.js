/** Panels of which one is shown; arrow keys change between their tabs. */

/**
 * @param {HTMLElement} bar with `role="tablist"`; each tab names its panel by `aria-controls`
 * @param {(panel: HTMLElement) => void} opened
 * @returns {(tab: HTMLElement) => void} opens a tab
 */
export function createTabs(bar, opened) {
  const tabs = [...bar.querySelectorAll("[role=tab]")];
  const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));

  function open(tab) {
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
      panelOf(other).hidden = other !== tab;
    }
    opened(panelOf(tab));
  }

  bar.addEventListener("click", (/** @type {On<MouseEvent>} */ event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) open(tab);
  });
  bar.addEventListener("keydown", (/** @type {On<KeyboardEvent>} */ event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
    next.focus();
    open(next);
  });
  return open;
}
