"""Who is meant by the name of a voice: one speaker for all its spellings."""
