"""The order of codes: moving one among its siblings, or to another place of the tree."""
