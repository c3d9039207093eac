/** The agreement page: takes in what is measured after it, copies its words, keeps its figures. */

import { offerPictures } from "../parts/picture.js";
import { copyOnClick } from "./copy.js";
import { takeInParts } from "./parts.js";

for (const button of document.querySelectorAll("[data-copies]")) {
  copyOnClick(
    button,
    document.getElementById(button.dataset.copies),
    document.getElementById("copied"),
  );
}
offerPictures(document);
takeInParts([...document.querySelectorAll("[data-part]")], offerPictures);
