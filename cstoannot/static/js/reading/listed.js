/** The list of an article's places, written when it is first opened. */

import { element } from "../parts/element.js";

/**
 * @param {import("./side.js").Side} side
 * @param {(id: string) => void} onPick
 */
export function listPlaces(side, onPick) {
  const details = side.root.querySelector(".listed");
  if (!details) return;
  const list = details.querySelector("ol");
  const fill = () => {
    if (!list.firstChild) list.append(...side.passages.map((one) => makeItem(side, one)));
  };
  details.querySelector("summary").addEventListener("click", fill);
  details.addEventListener("toggle", fill); // a browser opens it to show what was searched for
  details.hidden = false;
  list.addEventListener("click", (/** @type {On<MouseEvent>} */ event) => {
    const link = event.target.closest("[data-passage]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onPick(link.dataset.passage ?? "");
  });
}

function makeItem({ address, claims }, { id, code, start, end, paragraph, said }) {
  const link = element("a", {
    href: `${address}#at=${start}-${end}`,
    dataset: { passage: id },
    text: `¶ ${paragraph} · ${claims.get(code).name}`,
  });
  const words = said.flatMap(([annotator, stance, voice]) => [
    " ",
    element("span", { class: "stance", dataset: { stance }, text: stance || "no stance" }),
    voice && " ",
    voice && element("span", { class: "voice", text: `said by ${voice}` }),
    annotator && " ",
    annotator && element("small", { text: annotator }),
  ]);
  return element("li", {}, link, ...words.filter(Boolean));
}
