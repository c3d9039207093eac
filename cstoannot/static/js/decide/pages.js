/** Load places and send decisions, and put what comes back in the place of what is shown. */

const MAIN = "main.decide";
const TIMEOUT_MS = 15_000;

export class Pages {
  #shown;
  #status = document.getElementById("saved");
  busy = false;

  /** @param {{shown: () => void}} parts `shown`: called when there is other content */
  constructor({ shown }) {
    this.#shown = shown;
    addEventListener("popstate", () => this.visit(location.href, { again: true }));
  }

  /** Whether a link leads to another place of a source. @param {HTMLAnchorElement} link */
  holds(link) {
    const page = /\/decide\/\d+\/$/;
    return link.origin === location.origin && page.test(link.pathname);
  }

  /**
   * Show another place.
   * @param {string} url
   * @param {{again?: boolean}} [how] `again`: the address is in the history already
   */
  async visit(url, { again = false } = {}) {
    await this.#ask(url, {}, again);
  }

  /**
   * Send a form, by its button or as if by Enter.
   * @param {HTMLFormElement} form
   * @param {HTMLButtonElement|null} button
   */
  async send(form, button) {
    const data = new FormData(form, button);
    const action = form.getAttribute("action") || location.href;
    if (form.method === "get") {
      const url = new URL(action, location.href);
      url.search = String(new URLSearchParams(/** @type {any} */ (data)));
      return this.visit(url.href);
    }
    this.#say("Saving…");
    return this.#ask(action, { method: "POST", body: data }, false);
  }

  /** Read a page without showing it. @param {string} url @returns {Promise<Document|null>} */
  async read(url) {
    try {
      const answer = await this.#fetch(url, {});
      return answer.ok ? parse(await answer.text()) : null;
    } catch {
      return null;
    }
  }

  async #ask(url, options, again) {
    if (this.busy) return;
    this.busy = true;
    try {
      const answer = await this.#fetch(url, options);
      this.#take(answer, parse(await answer.text()), again);
    } catch {
      this.#say(
        options.method
          ? "Not saved: the server did not answer. Press the key again."
          : "The server did not answer.",
        "bad",
      );
    } finally {
      this.busy = false;
    }
  }

  #fetch(url, options) {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    return fetch(url, { credentials: "same-origin", signal, ...options });
  }

  /** Show what came; a page of another kind, such as the login, is opened as a page. */
  #take(answer, page, again) {
    const main = page.querySelector(MAIN);
    if (!main) {
      location.assign(answer.url);
      return;
    }
    document.querySelector(MAIN).replaceWith(document.adoptNode(main));
    document.title = page.title;
    if (!again && answer.url !== location.href) history.pushState(null, "", answer.url);
    this.#say(answer.ok ? "All decisions saved" : "Not saved", answer.ok ? "" : "bad");
    this.#shown();
    const now = document.querySelector(MAIN);
    if (!now.contains(document.activeElement)) now.focus({ preventScroll: true });
  }

  #say(words, tone = "") {
    this.#status.textContent = words;
    this.#status.dataset.tone = tone;
  }
}

/** @param {string} html */
const parse = (html) => new DOMParser().parseFromString(html, "text/html");
