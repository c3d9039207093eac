/** The agreement page: takes in what is measured after it, copies its words, keeps its figure. */

import { copyOnClick } from "./copy.js";
import { pictureOnClick } from "./picture.js";
import { takeInParts } from "./parts.js";

for (const button of document.querySelectorAll("[data-copies]")) {
  copyOnClick(button, document.getElementById(button.dataset.copies), document.getElementById("copied"));
}
for (const button of document.querySelectorAll("[data-figure]")) pictureOnClick(button);
takeInParts([...document.querySelectorAll("[data-part]")]);
