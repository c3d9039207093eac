/** Parts of a page that take long to measure come once the rest stands, one after the other. */

/**
 * @param {HTMLElement[]} places each with its address in `data-part`, and a link that does without
 * @param {(part: Element) => void} prepare called with each element that has come
 */
export async function takeInParts(places, prepare) {
  for (const place of places) {
    place.setAttribute("aria-busy", "true");
    try {
      const nodes = await fetchNodes(place.dataset.part);
      place.replaceWith(...nodes);
      for (const node of nodes) if (node instanceof Element) prepare(node);
    } catch {
      // The link in its place still leads there.
      place.removeAttribute("aria-busy");
    }
  }
}

async function fetchNodes(url) {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  return [...parsed.body.childNodes].map((node) => document.importNode(node, true));
}
