"""The page on which the places of a source are decided, one after the other."""
