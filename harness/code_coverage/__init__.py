"""Coverage of functions' own code by coverage.py, which is imported only when coverage is requested."""
