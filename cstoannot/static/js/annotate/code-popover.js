/** What the codebook says of a code, in a popover beside the code that is pointed at. */

import { element } from "../parts/element.js";

const FIELDS = [
  ["include", "Include"],
  ["exclude", "Exclude"],
  ["example", "Example"],
];
const PAUSE = 350; // milliseconds of pointing before the popover opens

/**
 * @param {Code} code
 * @param {{withClaim?: boolean}} [options]
 * @returns {HTMLElement[]}
 */
export function describeCode(code, { withClaim = true } = {}) {
  const parts = [];
  const words = (text, more = {}) => ({ text, dir: "auto", ...more });
  if (withClaim && code.claim) parts.push(element("p", words(code.claim, { class: "claim" })));
  if (code.definition) parts.push(element("p", words(code.definition)));
  const rows = FIELDS.filter(([field]) => code[field]).map(([field, label]) =>
    element("div", {}, element("dt", { text: label }), element("dd", words(code[field]))),
  );
  if (rows.length) parts.push(element("dl", {}, ...rows));
  return parts;
}

/**
 * Describe codes on hover and focus within `root`, whose items carry `data-slug`.
 * @param {{root: HTMLElement, card: HTMLElement, uiState: UiState}} parts
 */
export function createCodePopover({ root, card, uiState }) {
  let timer = 0;
  const canHover = matchMedia("(hover: hover) and (min-width: 60.01rem)");

  function show(row) {
    const code = uiState.codes.get(row.dataset.slug);
    const body = code ? describeCode(code) : [];
    if (!code || !body.length || !row.isConnected) return hide();
    const title = element("h3", { class: "chip", dataset: { code: code.slug }, text: code.name });
    card.replaceChildren(title, ...body);
    if (!card.matches(":popover-open")) card.showPopover();
    const box = row.getBoundingClientRect();
    const pane = root.closest("aside").getBoundingClientRect();
    const top = Math.min(box.top - 12, innerHeight - card.offsetHeight - 12);
    card.style.top = `${Math.max(12, top)}px`;
    card.style.left = `${pane.left - card.offsetWidth - 8}px`;
    return undefined;
  }

  function hide() {
    clearTimeout(timer);
    if (card.matches(":popover-open")) card.hidePopover();
  }

  function soon(event) {
    const row = event.target.closest("[data-slug]");
    clearTimeout(timer);
    if (!row || !canHover.matches) return hide();
    timer = setTimeout(() => show(row), card.matches(":popover-open") ? 60 : PAUSE);
    return undefined;
  }
  root.addEventListener("pointerover", soon);
  root.addEventListener("pointerleave", hide);
  root.addEventListener("focusin", (/** @type {On<FocusEvent>} */ event) => {
    if (event.target.matches(":focus-visible")) soon(event);
  });
  root.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide(), true);
  return { show, hide };
}
