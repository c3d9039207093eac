"""The codebook: codes in a tree, each change a numbered revision."""
