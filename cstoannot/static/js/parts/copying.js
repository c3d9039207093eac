/** Buttons that copy what they name: an element's words, or what stands in a field. */

import { copyWords } from "./clipboard.js";

const SHOWN = 2000; // milliseconds

/** Show the buttons with `data-copies`, and tell what they did in the element `copied`. */
export function offerCopying() {
  for (const button of document.querySelectorAll("[data-copies]")) offer(button);
}

function offer(button) {
  const status = document.getElementById("copied");
  /** @type {HTMLElement & {value?: string}} */
  const named = document.getElementById(button.dataset.copies);
  const [label] = button.childNodes;
  const word = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const copied = await copyWords(named.value ?? named.textContent);
    if (!copied) select(named);
    label.textContent = copied ? "Copied" : "Selected";
    status.textContent = copied ? "Copied." : "Selected: copy it with the keyboard.";
    setTimeout(() => {
      label.textContent = word;
      status.textContent = "";
    }, SHOWN);
  });
}

function select(named) {
  if (named.select) named.select();
  else document.getSelection().selectAllChildren(named);
}
