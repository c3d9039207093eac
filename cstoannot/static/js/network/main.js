/** The network's page: keeps its figure as PNG. */

import { offerPictures } from "../parts/picture.js";

offerPictures(document);
