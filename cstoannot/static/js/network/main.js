/** The network's page: keeps its figure as PNG. */

import { pictureOnClick } from "../parts/picture.js";

for (const button of document.querySelectorAll("[data-figure]")) pictureOnClick(button);
