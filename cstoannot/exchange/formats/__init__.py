"""One file for each export format, one registry, and what several formats share."""
