"""The pages that add, edit, remove and restore sources."""
