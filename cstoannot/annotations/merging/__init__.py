"""One code or speaker taken up into another, with everything that was coded with it."""
