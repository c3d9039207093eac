"""Sources: texts, which never change, and their details."""
