/** The matrix's page: draws a large matrix, keeps its figure as a picture. */

import { offerPictures } from "../parts/picture.js";
import { readMatrix } from "./reading.js";
import { createVirtualGrid } from "./virtual-grid.js";

offerPictures(document);

const data = document.getElementById("virtual-grid-data");
if (data) {
  const grid = document.getElementById("virtual-grid");
  grid.hidden = false;
  createVirtualGrid(grid, readMatrix(JSON.parse(data.textContent)));
}
