/** Reading side by side: articles that move together from claim to claim. */

import { createAnnouncer } from "../parts/element.js";
import { onKeys } from "../parts/keys.js";
import { offerTextSizes } from "../parts/textsize.js";
import { followMap } from "./map.js";
import { paint, Side } from "./side.js";
import { Steps } from "./steps.js";

const at = (id) => document.getElementById(id);
const { codes, passages, claim } = JSON.parse(at("reading-config").textContent);

const announce = createAnnouncer(at("speech"));
const swiper = at("sides");
const sides = [...swiper.querySelectorAll(".side")].map(
  (root) => new Side({ root, codes, passages: passages[root.dataset.source] }),
);
const steps = new Steps({
  sides,
  swiper,
  slugs: codes.map(({ slug }) => slug),
  list: at("claim"),
  bar: at("steps"),
  announce,
});

for (const side of sides) {
  const pick = (id) => steps.pick(side, id);
  paint(side, pick);
  followMap(side, pick);
}

offerTextSizes(announce);
at("alone").addEventListener("change", (event) => steps.showAlone(event.target.checked));
onKeys({
  j: () => steps.step(1),
  k: () => steps.step(-1),
  n: () => steps.along(1),
  p: () => steps.along(-1),
  a: () => at("alone").click(),
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

if (claim) steps.open(claim, { calm: true });
document.documentElement.dataset.painted = "yes";
