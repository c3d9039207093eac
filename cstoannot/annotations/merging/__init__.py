"""One code taken up into another, with everything that was coded with it."""
