"""What coders learn: what was decided, themselves against the consensus, and practice."""
