"""Entry point for `python -m harness`, which is the same as `harness`."""

import os
import sys

# A `queue.py` in the working directory must not shadow Python's. This also lets a checkout run without
# installation.
_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if sys.path[0] == os.getcwd() != _FOLDER:
    del sys.path[0]

from harness.cli import main  # noqa: E402  (after the change to sys.path)

if __name__ == "__main__":
    sys.exit(main())
