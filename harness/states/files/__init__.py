"""Data files that a distributed Map reads its items from."""
