/** What the page says of the claim that is open: its words, and where each article stands. */

import { element } from "../parts/element.js";
import { countOf, sayStanding } from "./said.js";

/** @import { Claim, Side } from "./side.js" */

export class Standing {
  #stated;
  #claims;
  #sides;

  /** @param {{stated: HTMLElement, claims: Map<string, Claim>, sides: Side[]}} parts */
  constructor({ stated, claims, sides }) {
    this.#stated = stated;
    this.#claims = claims;
    this.#sides = sides;
  }

  /** @param {string} slug the claim that is open from now on */
  show(slug) {
    const { name, claim } = this.#claims.get(slug);
    const [chip, words, link] = this.#stated.children;
    chip.dataset.code = slug;
    chip.textContent = name;
    words.textContent = claim;
    const address = new URL(link.href);
    address.searchParams.set("code", slug);
    link.href = address.href;
    for (const side of this.#sides) drawStanding(side, side.cells[slug]);
  }

  /** Which of a column's passages of this claim is on, of how many. */
  count(side, place, all) {
    const count = side.root.querySelector(".stands .place");
    if (!count) return;
    count.textContent = place < 0 ? "" : `place ${place + 1} of ${all}`;
    for (const button of side.root.querySelectorAll("[data-along]")) {
      const to = place + Number(button.dataset.along);
      button.disabled = to < 0 || to >= all;
    }
  }

  /** The same for screen readers. */
  words(slug) {
    const standing = this.#sides.map(({ title, cells }) => sayStanding(title, cells[slug]));
    return [this.#claims.get(slug).name, ...standing].join(". ");
  }
}

/** As the server writes it for the claim that is open at first, with buttons. */
function drawStanding({ root }, { state, split, passages }) {
  const words = element("span", { class: "stance", dataset: { stance: state }, text: state });
  const parts = [element("span", { class: "state", dataset: { state } }, words)];
  if (split) parts[0].append(" ", element("small", { class: "split", text: "coders split" }));
  if (passages) parts.push(element("span", { class: "muted", text: countOf(passages) }));
  if (passages > 1) parts.push(makeAlong());
  root.querySelector(".stands").replaceChildren(...parts);
}

function makeAlong() {
  const button = (by, label, text) =>
    element("button", {
      type: "button",
      class: "button",
      dataset: { along: by },
      "aria-label": label,
      text,
    });
  return element(
    "span",
    { class: "along", role: "group", "aria-label": "Passages of this claim" },
    button(-1, "Previous passage", "‹"),
    element("span", { class: "place muted" }),
    button(1, "Next passage", "›"),
  );
}
