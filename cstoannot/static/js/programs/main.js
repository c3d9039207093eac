/** Use the API: buttons that copy lines to paste. */

import { copyWords } from "../parts/clipboard.js";

const SHOWN = 2000; // milliseconds
const status = document.getElementById("copied");

for (const button of document.querySelectorAll("[data-copies]")) {
  const lines = document.getElementById(button.dataset.copies);
  const [label] = button.childNodes;
  const word = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const copied = await copyWords(lines.textContent);
    if (!copied) getSelection().selectAllChildren(lines);
    label.textContent = copied ? "Copied" : "Selected";
    status.textContent = copied ? "Copied." : "Selected: copy it with the keyboard.";
    setTimeout(() => {
      label.textContent = word;
      status.textContent = "";
    }, SHOWN);
  });
}
