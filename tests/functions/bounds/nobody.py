"""Run a command as the user `nobody`, without capabilities but with access to Python and the harness."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tests/functions"))


def main() -> None:
    from isolation_modes import show

    show([Path(sys.base_prefix), Path(sys.prefix), ROOT])
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setresgid(*[nobody.pw_gid] * 3)
    os.setresuid(*[nobody.pw_uid] * 3)
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
