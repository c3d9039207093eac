/** From claim to claim: each article goes to its first passage of it, and says where it stands. */

/** Words of the heads of columns are the server's; here they are only shown and hidden. */
export class Steps {
  #sides;
  #swiper;
  #slugs;
  #list;
  #bar;
  #announce;
  #alone = false;
  #parts; // slug → what is shown of its claim: words, heads of columns
  #marks; // slug → its marks on the maps

  /** The slug of the claim that is open. */
  claim = "";

  /**
   * @param {{sides: import("./side.js").Side[], swiper: HTMLElement, slugs: string[],
   *   list: HTMLSelectElement, bar: HTMLElement, announce: (words: string) => void}} parts
   */
  constructor({ sides, swiper, slugs, list, bar, announce }) {
    this.#sides = sides;
    this.#swiper = swiper;
    this.#slugs = slugs;
    this.#list = list;
    this.#bar = bar;
    this.#announce = announce;
    this.#parts = byKey(document.querySelectorAll("[data-claim]"), "claim");
    const maps = sides.flatMap(({ root }) => [...root.querySelectorAll(".map [data-passage]")]);
    this.#marks = byKey(maps, "code");
    list.addEventListener("change", () => this.open(list.value));
    bar.addEventListener("click", (event) => {
      const link = event.target.closest("[data-step]");
      if (!link) return;
      event.preventDefault();
      this.step(Number(link.dataset.step));
    });
    for (const side of sides) {
      side.root.addEventListener("click", (event) => {
        const button = event.target.closest("[data-along]");
        if (button) this.#move(side, Number(button.dataset.along));
      });
    }
  }

  /** @param {number} by how many claims on; the ends are stops */
  step(by) {
    const place = this.#slugs.indexOf(this.claim) + by;
    const slug = this.#slugs[Math.max(0, Math.min(place, this.#slugs.length - 1))];
    if (slug && slug !== this.claim) this.open(slug);
  }

  /**
   * @param {string} slug
   * @param {{calm?: boolean}} [how] `calm`: as the page opens, nothing is said and nobody moved
   */
  open(slug, { calm = false } = {}) {
    this.#show(this.claim || this.#list.value, false);
    this.claim = slug;
    this.#list.value = slug;
    this.#show(slug, true);
    const place = this.#slugs.indexOf(slug);
    this.#stop("prev", place === 0);
    this.#stop("next", place === this.#slugs.length - 1);
    this.#inPlace(() => {
      for (const side of this.#sides) {
        if (this.#alone) side.narrow(slug);
        side.activate(side.of(slug)[0]?.id ?? null);
        this.#count(side);
      }
    });
    if (calm) return;
    this.#remember();
    this.#announce(this.#words());
  }

  /** The passages of the open claim, one on, in every article that has another. */
  along(by) {
    this.#inPlace(() => this.#sides.forEach((side) => this.#move(side, by)));
  }

  /** Go to one passage, and to its claim. */
  pick(side, id) {
    const passage = side.store.get(id);
    if (!passage) return;
    if (passage.code !== this.claim) this.open(passage.code);
    this.#inPlace(() => side.activate(id));
    this.#count(side);
  }

  /** @param {boolean} alone whether the passages of other claims are left unpainted */
  showAlone(alone) {
    this.#alone = alone;
    this.#swiper.toggleAttribute("data-alone", alone);
    for (const side of this.#sides) side.narrow(alone ? this.claim : "");
  }

  #move(side, by) {
    const all = side.of(this.claim);
    const place = all.findIndex(({ id }) => id === side.active);
    const next = all[Math.max(0, Math.min(place + by, all.length - 1))];
    if (next && next.id !== side.active) side.activate(next.id);
    this.#count(side);
  }

  /** Which of the column's passages of this claim is on. */
  #count(side) {
    const all = side.of(this.claim);
    const place = all.findIndex(({ id }) => id === side.active);
    const head = this.#parts.get(this.claim)?.find((node) => side.root.contains(node));
    const count = head?.querySelector(".place");
    if (!count) return;
    count.textContent = place < 0 ? "" : `place ${place + 1} of ${all.length}`;
    for (const button of head.querySelectorAll("[data-along]")) {
      const to = place + Number(button.dataset.along);
      button.disabled = to < 0 || to >= all.length;
    }
  }

  /** Show or hide what there is of a claim: only this is touched, of however many claims. */
  #show(slug, shown) {
    for (const node of this.#parts.get(slug) ?? []) node.hidden = !shown;
    for (const mark of this.#marks.get(slug) ?? []) mark.toggleAttribute("data-near", shown);
  }

  #stop(rel, stopped) {
    const link = this.#bar.querySelector(`[rel=${rel}]`);
    if (stopped) link.setAttribute("aria-disabled", "true");
    else link.removeAttribute("aria-disabled");
  }

  /** Where columns are swiped, going to a passage must not swipe to its column. */
  #inPlace(work) {
    const { scrollLeft } = this.#swiper;
    work();
    this.#swiper.scrollTo({ left: scrollLeft, behavior: "instant" });
  }

  #remember() {
    const address = new URL(location.href);
    address.searchParams.set("claim", this.claim);
    history.replaceState(null, "", address);
  }

  #words() {
    const shown = this.#parts.get(this.claim) ?? [];
    const words = shown.map((node) => node.dataset.says).filter(Boolean);
    return words.join(". ");
  }
}

/** @returns {Map<string, HTMLElement[]>} the elements by one of their `data-` attributes */
function byKey(elements, name) {
  const found = new Map();
  for (const one of elements) {
    const key = one.dataset[name];
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(one);
  }
  return found;
}
