/** The codes as the page shows them: a card each, and a line in the contents. */

const LEAST_LEVEL = 2; // of headings: codes at the top
const MOST_LEVEL = 6;

/**
 * @param {HTMLElement} list what holds the cards
 * @returns {Array<import("./order.js").OutlineEntry & {card: HTMLElement, line: HTMLElement|null}>}
 */
export function readCards(list) {
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll(".contents a");
  const lines = new Map([...links].map((link) => [link.hash, link.parentElement]));
  return [...list.querySelectorAll(":scope > .code")].map((card) => ({
    slug: card.dataset.code ?? "",
    name: card.querySelector("header > .chip").textContent ?? "",
    depth: Number(card.dataset.depth),
    isOrphan: "orphan" in card.dataset,
    card,
    line: lines.get(`#${card.id}`) ?? null,
  }));
}

/** Whether the reader sees the card: neither a search nor a folded group hides it. */
export function isShown({ card }) {
  if (card.hidden) return false;
  return !("folded" in card.dataset) || "finding" in card.closest(".book").dataset;
}

/** Whether its group is folded: what stands below it is not shown. */
export function isFolded({ card }) {
  return Boolean(card.querySelector(".fold:not([hidden])[aria-expanded=false]"));
}

/**
 * Bring the page from one order to another; nodes that stand right are not touched.
 * @param {string} slug of the code that goes to another place
 */
export function showOrder(list, entries, slug) {
  arrange(list, entries, "card");
  const lines = entries.find(({ line }) => line)?.line.parentElement;
  if (lines) arrange(lines, entries, "line");
  for (const { card, line, depth, isOrphan } of entries) {
    if (line && line.dataset.depth !== String(depth)) line.dataset.depth = depth;
    card.toggleAttribute("data-orphan", isOrphan);
    if (card.dataset.depth === String(depth)) continue;
    card.dataset.depth = depth;
    setLevel(card.querySelector("header > .chip"), depth);
  }
  const { card } = entries.find((one) => one.slug === slug);
  document.dispatchEvent(new CustomEvent("codes-moved", { detail: { card } }));
}

/** From the end, so that what follows a node stands right already. */
function arrange(parent, entries, part) {
  let next = null;
  for (const entry of [...entries].reverse()) {
    const node = entry[part];
    if (node.nextElementSibling !== next) parent.insertBefore(node, next);
    next = node;
  }
}

function setLevel(heading, depth) {
  const name = `h${Math.min(depth + LEAST_LEVEL, MOST_LEVEL)}`;
  if (heading.localName === name) return;
  const other = document.createElement(name);
  other.className = heading.className;
  other.append(...heading.childNodes);
  heading.replaceWith(other);
}
