"""Codes that annotators propose while coding; they wait for those who edit the codebook."""
