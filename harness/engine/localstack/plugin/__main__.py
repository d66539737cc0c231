"""LocalStack as a child process: `python -m harness_localstack FOLDER`.

Prints one line of JSON on standard output when it serves; everything else that LocalStack prints goes to
standard error. Ends when its standard input is closed, which is what happens when the parent dies, however it
dies, and then FOLDER is removed, in which all its files are.
"""

from __future__ import annotations

import os
import sys
import threading

from harness.functions.shared.lifeline import remove_afterwards, wake_with_parent

from .shared import ACCOUNTS


def end_with_parent() -> None:
    """Wait for the end of standard input, then end: nothing here is worth LocalStack's own 6 s of it."""
    while os.read(0, 1):
        pass
    ACCOUNTS.close()
    os._exit(0)


def main() -> None:
    """Run LocalStack."""
    os.environ["HARNESS_READY_FD"] = str(os.dup(1))
    os.dup2(2, 1)
    remove_afterwards(sys.argv[1])
    wake_with_parent()
    threading.Thread(target=end_with_parent, daemon=True).start()

    from localstack.runtime.main import main as run  # noqa: PLC0415  (reads the environment)

    sys.exit(run())


if __name__ == "__main__":
    main()
