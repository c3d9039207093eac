/** From claim to claim: each article goes to its first passage of it, and says where it stands. */

export class Steps {
  #sides;
  #swiper;
  #slugs;
  #list;
  #bar;
  #standing;
  #announce;
  #alone = false;
  #isSwiped = true; // until the page is laid out

  /** The slug of the claim that is open. */
  claim = "";

  /**
   * @param {{sides: import("./side.js").Side[], swiper: HTMLElement, slugs: string[],
   *   list: HTMLSelectElement, bar: HTMLElement, standing: import("./standing.js").Standing,
   *   announce: (words: string) => void}} parts
   */
  constructor({ sides, swiper, slugs, list, bar, standing, announce }) {
    this.#sides = sides;
    this.#swiper = swiper;
    this.#slugs = slugs;
    this.#list = list;
    this.#bar = bar;
    this.#standing = standing;
    this.#announce = announce;
    new ResizeObserver(() => {
      this.#isSwiped = swiper.scrollWidth > swiper.clientWidth;
    }).observe(swiper);
    list.addEventListener("change", () => this.open(list.value));
    bar.addEventListener("click", (/** @type {On<MouseEvent>} */ event) => {
      const link = event.target.closest("[data-step]");
      if (!link) return;
      event.preventDefault();
      this.step(Number(link.dataset.step));
    });
    for (const side of sides) {
      side.root.addEventListener("click", (/** @type {On<MouseEvent>} */ event) => {
        const button = event.target.closest("[data-along]");
        if (button && this.#move(side, Number(button.dataset.along))) this.#reveal([side]);
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
    this.claim = slug;
    this.#list.value = slug;
    this.#standing.show(slug);
    const place = this.#slugs.indexOf(slug);
    this.#stop("prev", place === 0);
    this.#stop("next", place === this.#slugs.length - 1);
    for (const side of this.#sides) {
      side.turnTo(slug);
      if (this.#alone) side.narrow(slug);
      side.activate(side.of(slug)[0]?.id ?? null);
      this.#count(side);
    }
    this.#reveal(this.#sides);
    if (calm) return;
    this.#remember();
    this.#announce(this.#standing.words(slug));
  }

  /** The passages of the open claim, one on, in every article that has another. */
  along(by) {
    this.#reveal(this.#sides.filter((side) => this.#move(side, by)));
  }

  /** Go to one passage, and to its claim. */
  pick(side, id) {
    const passage = side.store.get(id);
    if (!passage) return;
    if (passage.code !== this.claim) this.open(passage.code);
    side.activate(id);
    this.#count(side);
    this.#reveal([side]);
  }

  /** @param {boolean} alone whether the passages of other claims are left unpainted */
  showAlone(alone) {
    this.#alone = alone;
    this.#swiper.toggleAttribute("data-alone", alone);
    for (const side of this.#sides) side.narrow(alone ? this.claim : "");
  }

  /** @returns {boolean} whether there was another passage to go to */
  #move(side, by) {
    const all = side.of(this.claim);
    const place = all.findIndex(({ id }) => id === side.active);
    const next = all[Math.max(0, Math.min(place + by, all.length - 1))];
    const moves = Boolean(next) && next.id !== side.active;
    if (moves) side.activate(next.id);
    this.#count(side);
    return moves;
  }

  #count(side) {
    const all = side.of(this.claim);
    const place = all.findIndex(({ id }) => id === side.active);
    this.#standing.count(side, place, all.length);
  }

  #stop(rel, stopped) {
    const link = this.#bar.querySelector(`[rel=${rel}]`);
    if (stopped) link.setAttribute("aria-disabled", "true");
    else link.removeAttribute("aria-disabled");
  }

  /**
   * Scroll articles to their passages, after all else is written: reading places has the browser
   * lay out what was. Where columns are swiped, that must not swipe to another column.
   */
  #reveal(sides) {
    const left = this.#isSwiped ? this.#swiper.scrollLeft : 0;
    for (const side of sides) side.reveal();
    if (this.#isSwiped) this.#swiper.scrollTo({ left, behavior: "instant" });
  }

  #remember() {
    const address = new URL(location.href);
    address.searchParams.set("claim", this.claim);
    history.replaceState(null, "", address);
  }
}
