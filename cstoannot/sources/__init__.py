"""Articles: texts that never change once they are in, and what is known of them."""
