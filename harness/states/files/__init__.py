"""Data files from which a distributed Map reads its items."""
