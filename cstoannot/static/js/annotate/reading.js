/** Reads annotations from the server. */
import { NetworkError, request, requestJson } from "../lib/http.js";

const PAGE_SIZE = 5000;
const PAUSES_MS = [1000, 2000, 4000];

/**
 * All annotations of a source, with some patience for a server that is away.
 * @param {{annotationsUrl: string, sourceId: number|string}} config
 * @param {{fetch: typeof fetch, clock: Clock}} net
 * @returns {Promise<Annotation[]>}
 * @throws {import("../lib/http.js").HttpError|NetworkError}
 */
export async function readAll({ annotationsUrl, sourceId }, net) {
  const annotations = [];
  let url = `${annotationsUrl}?source=${encodeURIComponent(sourceId)}&page_size=${PAGE_SIZE}`;
  while (url) {
    const page = await patiently(() => requestJson("GET", url, net), net.clock);
    for (const annotation of page.results) annotations.push(annotation);
    url = page.next && sameOrigin(page.next);
  }
  return annotations;
}

/**
 * The annotations that the page brought, unless the browser had kept it: then they may be old.
 * @param {HTMLScriptElement|null} place
 * @returns {Annotation[]|null}
 */
export function readBrought(place) {
  const [visit] = performance.getEntriesByType("navigation");
  const isFresh =
    visit instanceof PerformanceNavigationTiming &&
    visit.transferSize > 0 &&
    visit.type !== "back_forward";
  return place && isFresh ? JSON.parse(place.textContent) : null;
}

/** @returns {Promise<Annotation|null|undefined>} null: there is none; undefined: the server did not say */
export async function readOne({ annotationsUrl }, id, net) {
  try {
    const { ok, status, data } = await request("GET", `${annotationsUrl}${id}/`, net);
    if (status === 404) return null;
    return ok && data?.id === id ? data : undefined;
  } catch (error) {
    if (error instanceof NetworkError) return undefined;
    throw error;
  }
}

async function patiently(ask, clock) {
  for (const pause of PAUSES_MS) {
    try {
      return await ask();
    } catch (error) {
      const passing = error instanceof NetworkError || error.status >= 500 || error.status === 429;
      if (!passing) throw error;
    }
    await new Promise((done) => clock.setTimeout(done, pause));
  }
  return ask();
}

/** Behind a proxy the server may name itself by another scheme or host. */
function sameOrigin(url) {
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
}
