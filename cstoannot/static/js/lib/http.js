/** JSON over same-origin HTTP: session cookie, CSRF header, a time limit, problems as errors. */

/** How long a request may take, body included, in milliseconds. */
export const TIMEOUT_MS = 15_000;

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
// Browsers refuse to keep more than 64 KiB of requests alive when a page closes.
const KEEPALIVE_CHARACTERS = 20_000;

/** No answer came: offline, cut off, or too slow. Whether the server acted is not known. */
export class NetworkError extends Error {
  name = "NetworkError";
}

/** The server answered, but not with success. */
export class HttpError extends Error {
  /** @param {Pick<Answer, "status"|"data">} answer */
  constructor(answer) {
    super(problemSentence(answer));
    this.status = answer.status;
    this.problem = answer.data;
  }
}

/** @returns {string} the CSRF token of this session, "" when there is none */
export function csrfToken() {
  const match = /(?:^|;\s*)csrftoken=([^;]*)/.exec(document.cookie);
  return match ? decodeURIComponent(match[1]) : "";
}

/**
 * What the server says is wrong, for people to read.
 * @param {Pick<Answer, "status"|"data">} answer
 * @returns {string}
 */
export function problemSentence({ status, data }) {
  const sentence = data?.detail || data?.title || `The server refused this (status ${status}).`;
  const fields = Object.values(data?.errors ?? {}).flat(Infinity);
  const more = fields.filter((text) => typeof text === "string" && !sentence.includes(text));
  return [sentence, ...more].join(" ");
}

/**
 * @typedef {object} RequestOptions
 * @property {object} [body] sent as JSON
 * @property {Record<string, string>} [headers]
 * @property {number} [timeoutMs]
 * @property {typeof fetch} [fetch]
 * @property {Pick<Clock, "setTimeout"|"clearTimeout">} [clock]
 */

/**
 * Sends one request and reads its answer, whatever its status.
 * @param {string} method
 * @param {string} url
 * @param {RequestOptions} [options]
 * @returns {Promise<Answer>}
 * @throws {NetworkError} when no whole answer came in time
 */
export async function request(method, url, options = {}) {
  const { timeoutMs = TIMEOUT_MS, clock = globalThis } = options;
  const send = options.fetch ?? globalThis.fetch;
  const abort = new AbortController();
  const timer = clock.setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await send(url, { ...describe(method, options), signal: abort.signal });
    const text = await response.text();
    return {
      status: response.status,
      ok: response.ok,
      data: parse(text),
      retryAfterMs: 1000 * (Number.parseInt(response.headers.get("Retry-After") ?? "", 10) || 0),
    };
  } catch (error) {
    throw new NetworkError(`No answer from the server (${error.message}).`, { cause: error });
  } finally {
    clock.clearTimeout(timer);
  }
}

/**
 * The same for callers that only want success.
 * @param {string} method
 * @param {string} url
 * @param {RequestOptions} [options]
 * @returns {Promise<any>} the answer's JSON, null when there is none
 * @throws {HttpError|NetworkError}
 */
export async function requestJson(method, url, options) {
  const answer = await request(method, url, options);
  if (!answer.ok) throw new HttpError(answer);
  return answer.data;
}

/**
 * @param {string} method
 * @param {RequestOptions} options
 */
function describe(method, { body, headers }) {
  /** @type {RequestInit & {headers: Record<string, string>}} */
  const init = {
    method,
    credentials: "same-origin",
    headers: { Accept: "application/json", ...headers },
  };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers["Content-Type"] = "application/json";
  }
  if (!SAFE.has(method)) {
    init.headers["X-CSRFToken"] = csrfToken();
    // A change made just before the page closes still arrives.
    init.keepalive = String(init.body ?? "").length < KEEPALIVE_CHARACTERS;
  }
  return init;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
