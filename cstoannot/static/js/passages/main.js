/** Passages in columns: from claim to claim by a key, copying with citation, printing. */

import { copyWords } from "../parts/clipboard.js";
import { onKeys } from "../parts/keys.js";

const follow = (rel) => () => document.querySelector(`.walk a[rel=${rel}]`)?.click();
onKeys({ j: follow("next"), k: follow("prev") });

const status = document.getElementById("copied");
for (const button of document.querySelectorAll("[data-citation]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const copied = await copyWords(button.dataset.citation ?? "");
    status.textContent = copied ? "Copied with its citation." : "";
    if (!copied) showToCopy(button);
  });
}

/** Where nothing may be put on the clipboard, the words are shown, selected. */
function showToCopy(button) {
  const field = document.createElement("textarea");
  field.className = "to-copy";
  field.readOnly = true;
  field.value = button.dataset.citation;
  field.setAttribute("aria-label", "Passage with its citation, to copy");
  button.replaceWith(field);
  field.focus();
  field.select();
  status.textContent = "Selected: copy it with the keyboard.";
}

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => globalThis.print());
}
