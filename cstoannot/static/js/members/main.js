/** Members: the button that copies the link of an invitation. */

import { offerCopying } from "../parts/copying.js";

offerCopying();
