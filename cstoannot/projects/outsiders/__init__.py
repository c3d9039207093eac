"""People whose coding came with an archive: what they are called, and who they are here."""
