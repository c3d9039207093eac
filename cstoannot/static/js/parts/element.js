/** Build elements without HTML strings, so that no text can become markup. */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Object<string, any>} [attributes] `class`, `text`, `dataset`, `on` (listeners by event
 *   name); a boolean sets or leaves out the attribute; null and undefined are left out.
 * @param {...(Node|string|null)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/**
 * Say something to screen readers without moving the focus.
 * @param {HTMLElement} region an element with `aria-live`
 * @param {number} [delay] milliseconds to wait, so that a burst is spoken once
 * @returns {(words: string, soon?: boolean) => void}
 */
export function createAnnouncer(region, delay = 250) {
  let timer = 0;
  return (words, soon = false) => {
    clearTimeout(timer);
    const speak = () => {
      // The same words twice are only spoken twice when the text changes in between.
      region.textContent = region.textContent === words ? `${words}\u00a0` : words;
    };
    if (soon) speak();
    else timer = setTimeout(speak, delay);
  };
}
