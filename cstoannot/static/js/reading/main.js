/** Reading side by side: articles that move together from claim to claim. */

import { createAnnouncer } from "../parts/element.js";
import { onKeys } from "../parts/keys.js";
import { offerTextSizes } from "../parts/textsize.js";
import { listPlaces } from "./listed.js";
import { addMap } from "./map.js";
import { paint, Side } from "./side.js";
import { Standing } from "./standing.js";
import { Steps } from "./steps.js";

/** @template {HTMLElement} [E=HTMLElement] @param {string} id @returns {E} */
const at = (id) => document.getElementById(id);
const config = JSON.parse(at("reading-config").textContent);
const claims = new Map(config.claims.map((claim) => [claim.slug, claim]));

const announce = createAnnouncer(at("speech"));
const swiper = at("sides");
const sides = [...swiper.querySelectorAll(".side")].map(
  (root) => new Side({ root, claims, ...config.sides[String(root.dataset.source)] }),
);
const steps = new Steps({
  sides,
  swiper,
  slugs: [...claims.keys()],
  list: at("claim"),
  bar: at("steps"),
  standing: new Standing({ stated: at("stated"), claims, sides }),
  announce,
});

for (const side of sides) {
  const pick = (id) => steps.pick(side, id);
  addMap(side, pick);
  listPlaces(side, pick);
  paint(side, pick);
}

offerTextSizes(announce);
/** @type {HTMLInputElement} */
const alone = at("alone");
alone.addEventListener("change", () => steps.showAlone(alone.checked));
onKeys({
  j: () => steps.step(1),
  k: () => steps.step(-1),
  n: () => steps.along(1),
  p: () => steps.along(-1),
  a: () => alone.click(),
  ...Object.fromEntries(sides.map((side, i) => [String(i + 1), () => show(side)])),
});
for (const link of document.querySelectorAll("[data-side]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    show(sides[Number(link.dataset.side)]);
  });
}

/** Bring an article into view, where only one fits, and the keyboard to it. */
function show(side) {
  swiper.scrollTo({ left: side.root.offsetLeft - swiper.offsetLeft, behavior: "smooth" });
  side.article.root.focus({ preventScroll: true });
}

if (config.claim) steps.open(config.claim, { calm: true });
document.documentElement.dataset.painted = "yes";
