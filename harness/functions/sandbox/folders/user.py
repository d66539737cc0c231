"""A function's user on Lambda, without a namespace: not root, and not this machine's user name."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from typing import Any

# The output of `id` in a function; the name: https://github.com/localstack/localstack/issues/7722
USER, GROUP = 993, 990
PASSWD = f"root:x:0:0:root:/root:/bin/bash\nsbx_user1051:x:{USER}:{GROUP}::/home/sbx_user1051:/sbin/nologin\n"
"""The content of /etc/passwd."""


def become() -> None:
    """Make Python's functions report that user. The kernel still uses this machine's user."""
    for name, number in (("uid", USER), ("gid", GROUP)):
        for prefix in ("get", "gete"):
            setattr(os, prefix + name, lambda number=number: number)
        if hasattr(os, f"getres{name}"):
            setattr(os, f"getres{name}", lambda number=number: (number,) * 3)
    os.getgroups = lambda: [GROUP]
    entries = [pwd.struct_passwd(_fields(line)) for line in PASSWD.splitlines()]
    pwd.getpwall = lambda: entries
    pwd.getpwuid = _finding(pwd.getpwuid, {entry.pw_uid: entry for entry in entries})
    pwd.getpwnam = _finding(pwd.getpwnam, {entry.pw_name: entry for entry in entries})


def _fields(line: str) -> Any:
    name, word, user, group, *rest = line.split(":")
    return (name, word, int(user), int(group), *rest)


def _finding(real: Callable[[Any], pwd.struct_passwd], found: dict[Any, pwd.struct_passwd]) -> Any:
    def find(key: Any) -> pwd.struct_passwd:
        if key in found:
            return found[key]
        kind = real.__name__.removeprefix("getpw").replace("nam", "name")
        raise KeyError(f"{real.__name__}(): {kind} not found: {key!r}")

    return find
