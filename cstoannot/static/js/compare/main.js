/** The matrix's page: draws a large matrix, keeps its figure as a picture. */

import { pictureOnClick } from "../parts/picture.js";
import { readMatrix } from "./reading.js";
import { createSheet } from "./sheet.js";

for (const button of document.querySelectorAll("[data-figure]")) pictureOnClick(button);

const data = document.getElementById("sheet-data");
if (data) {
  const sheet = document.getElementById("sheet");
  sheet.hidden = false;
  createSheet(sheet, readMatrix(JSON.parse(data.textContent)));
}
