"""The setting `isolation`: what functions see of this machine is kept from them by the kernel, or by Python."""

from __future__ import annotations

import tempfile

from harness.engine.base import Availability, EngineError
from harness.settings import Settings

_RUN_HERE = ("moto", "ministack", "localstack-host")
"""The engines whose functions are processes of this machine."""


def state() -> Availability:
    """Tell whether this machine allows mount namespaces; tries it in a process of its own."""
    from harness.functions.sandbox.folders.available import available  # noqa: PLC0415  (for those who ask)

    with tempfile.TemporaryDirectory(prefix="isolation-") as folder:
        found = available(folder)
    if found.isolation:
        return Availability(True, "mount namespaces")
    return Availability(False, found.reason, found.remedy)


def check(settings: Settings) -> None:
    """Check that functions are isolated by the kernel, where that is required. Raises EngineError."""
    if settings.isolation != "required":
        return
    origin = settings.origins.get("isolation", "")
    if settings.engine not in _RUN_HERE:
        raise EngineError(
            f"isolation is required ({origin}), and the engine {settings.engine} does not run functions as "
            f'processes of the harness; choose {", ".join(_RUN_HERE)}, or set isolation = "best"'
        )
    found = state()
    if not found.usable:
        raise EngineError(
            f"isolation is required ({origin}), and there are no mount namespaces: {found.detail}; "
            f'{found.remedy}, or set isolation = "best"'
        )
