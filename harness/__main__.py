"""`python -m harness` is `harness`."""

import os
import sys

# A `queue.py` in the working directory is not the one that is meant; a checkout need not be installed.
_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if sys.path[0] == os.getcwd() != _FOLDER:
    del sys.path[0]

from harness.cli import main  # noqa: E402  (after that)

if __name__ == "__main__":
    sys.exit(main())
