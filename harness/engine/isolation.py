"""The setting `isolation`, which determines whether the kernel or Python restricts the files that functions
can see.
"""

from __future__ import annotations

import json
import subprocess
import tempfile

from harness.engine.base import Availability, EngineError
from harness.functions.shared.interpreter import python_command
from harness.settings import Settings

_RUN_HERE = ("moto", "ministack", "localstack-host")
"""Engines that run functions as processes on this machine."""


def state() -> Availability:
    """Return whether this machine allows mount namespaces. The test runs in a separate process."""
    with tempfile.TemporaryDirectory(prefix="isolation-") as folder:
        command = python_command("harness.functions.supervisor.isolation", folder)
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL).stdout
    isolation, reason, remedy = json.loads(answer)
    return Availability(True, "mount namespaces") if isolation else Availability(False, reason, remedy)


def check(settings: Settings) -> None:
    """Check that the kernel isolates functions, if required. Raises EngineError."""
    if settings.isolation != "required":
        return
    origin = settings.origins.get("isolation", "")
    if settings.engine not in _RUN_HERE:
        raise EngineError(
            f"isolation is required ({origin}), but the engine {settings.engine} does not run functions as "
            f'processes of the harness; choose {", ".join(_RUN_HERE)}, or set isolation = "best"'
        )
    found = state()
    if not found.usable:
        raise EngineError(
            f"isolation is required ({origin}), but mount namespaces are not available: {found.detail}; "
            f'{found.remedy}, or set isolation = "best"'
        )
