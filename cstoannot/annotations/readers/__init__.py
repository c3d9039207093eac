"""What a reader may know of, as the key of what is kept for them."""
