"""The pages that compare what sources say on claims: matrix, passages, side by side, network."""
