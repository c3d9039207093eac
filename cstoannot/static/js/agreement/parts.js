/** Parts of a page that take long to measure come once the rest stands, one after the other. */

/**
 * @param {HTMLElement[]} places each with its address in `data-part`, and a link that does without
 */
export async function takeInParts(places) {
  for (const place of places) {
    place.setAttribute("aria-busy", "true");
    try {
      place.replaceWith(...(await fetchNodes(place.dataset.part)));
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
