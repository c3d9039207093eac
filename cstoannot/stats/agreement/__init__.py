"""Agreement of coders: sufficient statistics by source, values, intervals, disagreements and
diagnostics. `engine` is the entry point."""
