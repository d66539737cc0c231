"""The exit codes of the command line."""

PASSED, FAILED, WRONG, NO_ENGINE, BUG = range(5)
INTERRUPTED = 130
