"""The pages of the codebook: codes, code proposals, speakers."""
