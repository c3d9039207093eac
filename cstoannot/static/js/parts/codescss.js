/** The style sheet with the codebook's colours, after the codebook has changed. */

/**
 * Load it anew. The old rules hold until the new ones are there, so that nothing loses its colour.
 * @param {number} [revision] of the codebook; without one the server is asked what holds now
 * @returns {Promise<void>} once the new colours are shown; rejected if they cannot be loaded
 */
export function reloadCodesCss(revision) {
  /** @type {NodeListOf<HTMLLinkElement>} */
  const before = document.querySelectorAll("#codes-css"); // several while one is loading
  const last = before[before.length - 1];
  const link = /** @type {HTMLLinkElement} */ (last.cloneNode());
  const address = new URL(last.href);
  if (revision) address.searchParams.set("v", String(revision));
  else address.searchParams.delete("v");
  link.href = address.href;
  return new Promise((resolve, reject) => {
    link.addEventListener("load", () => {
      for (const old of before) old.remove();
      resolve();
    });
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error("The colours of the codes could not be loaded."));
    });
    last.after(link);
  });
}
