"""Run a command with an engine's environment variables: `harness up SCENARIO -- pytest tests/live`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from harness.settings import SettingsError

_PATIENCE_S: Final = 5.0
"""The time that a command has to exit after Ctrl-C."""
_SIGNAL: Final = 128
"""Exit codes above this number indicate a signal, as in a shell."""
_OTHERS: Final = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL_")
"""Prefixes of environment variables that may redirect a client to a different endpoint."""


def check_command(command: Sequence[str]) -> None:
    """Reject a command that cannot be started.

    Raises:
        SettingsError: the command does not exist.
    """
    if not command:
        raise SettingsError("--: a command is missing; add one, for example: harness up -- pytest")
    if shutil.which(command[0]) is None:
        raise SettingsError(f"-- {command[0]}: command not found; correct its name")


def run_command(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run a command until it exits, and return its exit code. If a signal killed it, return 128 plus the
    signal number.

    Ctrl-C is also sent to the command. If the command keeps running, it is killed.

    Raises:
        SettingsError: it cannot be started.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
    try:
        process = subprocess.Popen(list(command), env={**kept, **env})
    except OSError as error:
        raise SettingsError(f"-- {command[0]}: cannot be started ({error.strerror}); correct it") from error
    try:
        code = process.wait()
    except BaseException:
        _end(process)
        raise
    return code if code >= 0 else _SIGNAL - code


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(_PATIENCE_S)
        return
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_PATIENCE_S)
        return
    process.kill()
    process.wait()
