/** Use the API: buttons that copy lines to paste. */

import { offerCopying } from "../parts/copying.js";

offerCopying();
