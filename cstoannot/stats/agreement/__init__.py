"""Agreement of coders: sufficient statistics by source, values, intervals and disagreements.

`engine` is the entry point.
"""
