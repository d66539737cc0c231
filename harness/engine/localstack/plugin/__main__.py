"""LocalStack as a child process: `python -m harness_localstack FOLDER`.

Once LocalStack accepts requests, it prints one line of JSON on standard output. Its other output
goes to standard error. It exits when its standard input is closed, which also happens when the
parent dies for any reason. It then removes FOLDER, which contains all of its files.
"""

from __future__ import annotations

import os
import sys
import threading

from harness.functions.shared.lifeline import remove_afterwards, wake_with_parent

from .shared import ACCOUNTS


def end_with_parent() -> None:
    """Wait until standard input closes, then exit immediately. LocalStack's own shutdown would take 6 s."""
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
