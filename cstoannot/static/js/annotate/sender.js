/**
 * Sends the queue: in order, one request at a time, one tab at a time, again and again until the
 * server has answered. Asking again is safe because a PUT with the same id and content is the same
 * annotation, and an edit names the version it started from.
 */
import { csrfToken, NetworkError, problemSentence, request } from "../lib/http.js";
import { sameContent } from "./content.js";

const LONGEST_PAUSE_MS = 30_000;
const LONGEST_WISH_MS = 120_000; // a server may ask for more patience than that; we ask again
const COURTESY_MS = 1_000; // whoever made a change is about to send it
const PATIENCE = 3; // errors of the server's own on one change before others may pass it

/**
 * @typedef {object} Outcome
 * @property {"saved"|"conflict"|"refused"|"signedOut"|"again"|"forbidden"|"same"} kind
 * @property {Annotation|null} [annotation] as it now stands on the server; null: it is gone
 * @property {string} [detail]
 * @property {string} [problem] what kind of refusal it is, as the API names it
 * @property {number} [afterMs]
 * @property {boolean} [reached] whether the server answered at all
 * @property {number} [status]
 */

/**
 * @typedef {object} Hooks what the store does when an answer has come
 * @property {() => Map<string, Annotation>} saved by id, as the server last showed them
 * @property {(entry: Entry, annotation?: Annotation|null) => void} done
 * @property {(entry: Entry) => void} parked
 * @property {() => void} status
 */

export class Sender {
  #config;
  #queue;
  #lock;
  #net;
  #clock;
  #hooks;
  /** @type {Promise<void>|null} */
  #running = null;
  #more = false; // something was queued during a round
  #urgent = false; // somebody asked not to wait
  /** @type {number|null} */
  #timer = null;
  /** @type {number|null} */
  #courtesy = null;
  #failures = 0;
  #errors = new Map(); // entry key → how often the server failed on it
  #meUrl;
  #token = csrfToken();
  #closed = false;

  online = true;
  signedOut = false;

  /**
   * @param {object} parts
   * @param {StoreConfig} parts.config
   * @param {import("./queue.js").Queue} parts.queue
   * @param {ReturnType<typeof import("../lib/lock.js").createLock>} parts.lock
   * @param {{fetch?: typeof fetch, clock: Clock}} parts.net for lib/http.js
   * @param {Hooks} parts.hooks
   */
  constructor({ config, queue, lock, net, hooks }) {
    this.#config = config;
    this.#meUrl =
      config.meUrl ??
      new URL("../../../me/", new URL(config.annotationsUrl, location.href)).pathname;
    this.#queue = queue;
    this.#lock = lock;
    this.#net = net;
    this.#clock = net.clock;
    this.#hooks = hooks;
  }

  /** There may be something to send; a pause after a failure is kept. */
  kick() {
    if (this.#running) this.#more = true;
    else if (this.#timer === null && this.#queue.parked("waiting").length > 0) this.flush();
  }

  /** Tries now. @returns {Promise<void>} when there is nothing more to try for the moment */
  flush() {
    if (this.#running) {
      this.#urgent = true;
      return this.#running;
    }
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#closed) return Promise.resolve();
    const running = this.#work().finally(() => {
      this.#running = null;
      this.#hooks.status();
    });
    this.#running = running;
    return running;
  }

  /** After a failure, tries now: the network is back, or the user is. */
  nudge() {
    if (this.#timer !== null) this.flush();
  }

  /** Another tab queued something: it is sent from here only if that tab does not. */
  kickLater() {
    if (this.#courtesy !== null || this.#closed) return;
    this.#courtesy = this.#clock.setTimeout(() => {
      this.#courtesy = null;
      this.kick();
    }, COURTESY_MS);
  }

  /** Another tab got an answer. */
  heard() {
    this.online = true;
    this.signedOut = false;
  }

  lost() {
    this.online = false;
    this.#hooks.status();
  }

  close() {
    this.#closed = true;
    this.#clock.clearTimeout(this.#timer);
    this.#clock.clearTimeout(this.#courtesy);
  }

  async #work() {
    /** @type {Outcome|null} */
    let outcome;
    do {
      this.#more = false;
      this.#urgent = false;
      outcome = await this.#lock.run((renew) => this.#round(renew)).catch(surprise);
    } while (!this.#closed && (outcome ? this.#urgent : this.#more));
    if (outcome && !this.#closed) this.#pause(outcome);
  }

  #pause({ afterMs = 0 }) {
    const usual = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** Math.max(0, this.#failures - 1));
    const wished = Math.min(LONGEST_WISH_MS, afterMs);
    const jittered = usual * (0.5 + this.#clock.random() / 2);
    this.#timer = this.#clock.setTimeout(() => this.flush(), Math.max(wished, jittered));
  }

  /** Sends what can be sent. @returns {Promise<Outcome|null>} why it stopped early */
  async #round(renew) {
    this.#queue.adopt();
    this.#queue.joinAll(this.#hooks.saved());
    const later = new Set();
    /** @type {Outcome|null} */
    let failed = null;
    for (;;) {
      const entry = this.#closed ? null : this.#queue.next(this.#hooks.saved(), later);
      if (!entry) return failed;
      renew();
      const outcome = (await this.#identify()) ?? (await this.#deliver(entry));
      if (this.#closed) return null;
      this.#apply(entry, outcome);
      if (outcome.kind === "signedOut" || outcome.kind === "again") {
        if (!this.#mayPass(entry, outcome)) return outcome;
        failed = outcome;
        later.add(entry.id);
      }
    }
  }

  /**
   * Whether others may go first, because the server stumbles over this very change.
   * @param {Entry} entry
   * @param {Outcome} outcome
   */
  #mayPass(entry, { status }) {
    if (status !== 500) return false;
    const errors = (this.#errors.get(entry.key) ?? 0) + 1;
    this.#errors.set(entry.key, errors);
    return errors >= PATIENCE;
  }

  #apply(entry, outcome) {
    const { kind, reached = true } = outcome;
    this.online = reached;
    this.signedOut = kind === "signedOut" || (this.signedOut && kind === "again");
    this.#failures = kind === "signedOut" || kind === "again" ? this.#failures + 1 : 0;
    // Gone from storage: another tab has settled it, and this answer is an echo of that.
    const settled = kind !== "saved" && !this.#queue.holds(entry);
    if (kind === "saved") this.#hooks.done(entry, outcome.annotation);
    else if (kind === "conflict" && !settled)
      this.#park(entry, "conflict", { theirs: outcome.annotation });
    else if (kind === "refused" && !settled) this.#refuse(entry, outcome);
    this.#hooks.status();
  }

  /** A later edit of the same annotation may be just what makes it acceptable: that goes first. */
  #refuse(entry, { detail, problem }) {
    const corrected = !entry.sent && this.#queue.chain(entry.id).length > 1;
    if (!corrected) this.#park(entry, "refused", { detail, problem });
  }

  #park(entry, state, facts) {
    this.#queue.park(entry, state, facts);
    this.#hooks.parked(entry);
  }

  /** The CSRF cookie changes when somebody signs in: make sure it is still the same person. */
  async #identify() {
    if (csrfToken() === this.#token) return null;
    const token = csrfToken();
    const who = await this.#who();
    if (who.kind === "same") this.#token = token;
    return who.kind === "same" ? null : who;
  }

  /** @returns {Promise<Outcome>} */
  async #who() {
    try {
      const { status, data } = await request("GET", this.#meUrl, this.#net);
      if (status === 401 || status === 403) return { kind: "signedOut" };
      if (status >= 500 || status === 429) return { kind: "again" };
      const other = data?.username !== undefined && data.username !== this.#config.username;
      return { kind: other ? "signedOut" : "same" };
    } catch (error) {
      return unanswered(error);
    }
  }

  /** @returns {Promise<Outcome>} */
  async #deliver(entry) {
    if (entry.wanted === null && entry.version === null) return { kind: "saved", annotation: null };
    const uncertain = entry.sent;
    this.#queue.markSent(entry);
    let answer;
    try {
      answer = await this.#ask(entry);
    } catch (error) {
      return unanswered(error);
    }
    if (!uncertain && answer.status >= 400 && answer.status < 500) this.#queue.markUnsent(entry);
    const outcome = judge(entry, answer);
    if (outcome.kind !== "forbidden") return outcome;
    const who = await this.#who();
    return who.kind === "same" ? refusal(answer) : who;
  }

  #ask({ id, wanted, version }) {
    const url = `${this.#config.annotationsUrl}${id}/`;
    const headers = version === null ? {} : { "If-Match": `"${version}"` };
    if (wanted === null) return request("DELETE", url, { ...this.#net, headers });
    const body = { source: this.#config.sourceId, ...wanted };
    return request("PUT", url, { ...this.#net, headers, body });
  }
}

/**
 * A fault of ours is reported like any other error, and does not end the sending.
 * @returns {Outcome}
 */
function surprise(error) {
  reportError(error);
  return { kind: "again" };
}

/** @returns {Outcome} */
function unanswered(error) {
  if (!(error instanceof NetworkError)) throw error;
  return { kind: "again", reached: false };
}

/** @returns {Outcome} */
function refusal(answer) {
  const problem = answer.data?.type?.split(":").at(-1);
  return { kind: "refused", detail: problemSentence(answer), problem };
}

/** What an answer means for a change. @returns {Outcome} */
function judge({ id, wanted }, answer) {
  const { status, data, retryAfterMs } = answer;
  if (wanted === null && (status === 204 || status === 404))
    return { kind: "saved", annotation: null };
  // Any other success is not ours: a portal or a sign-in page answered.
  if (wanted !== null && answer.ok && data?.id === id) return { kind: "saved", annotation: data };
  if ((status === 412 || status === 428) && data && "current" in data) {
    const { current } = data;
    return { kind: sameContent(current, wanted) ? "saved" : "conflict", annotation: current };
  }
  if (status === 401) return { kind: "signedOut" };
  if (status === 403) return { kind: "forbidden" };
  const passing = status < 400 || status >= 500 || [408, 425, 429].includes(status);
  if (passing) return { kind: "again", afterMs: retryAfterMs, status };
  return refusal(answer);
}
