"""Versions of everything that a history depends on, and differences between versions."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Final

from harness.functions.host.pythons import PACKAGES

HARNESS: Final = "stepfunctions-harness"
_DISTRIBUTIONS: Final = (
    *PACKAGES,
    "aws-sam-translator",
    "cfn-lint",
    "jlens",
    "localstack-client",
    "moto",
    "policy-sentry",
    "pydantic",
    "ruamel.yaml",
)
_NOT_HERE: Final = "(none)"


def versions() -> dict[str, str]:
    """Return the installed versions, and `harness code`, a digest that distinguishes checkouts of
    the same version.
    """
    return {
        "harness": metadata.version(HARNESS),
        "harness code": _digest(Path(__file__).parents[1]),
        "python": platform.python_version(),
        "system": f"{sys.platform} {platform.machine()}",
        **{name: _version(name) for name in _DISTRIBUTIONS},
    }


def other_versions(kept: Mapping[str, str], here: Mapping[str, str]) -> tuple[str, ...]:
    """Report each version that differs, with the bundled and the installed version."""
    names = sorted({*kept, *here})
    pairs = ((name, kept.get(name, _NOT_HERE), here.get(name, _NOT_HERE)) for name in names)
    return tuple(
        f"{name}: {one} in the bundle, {other} on this machine" for name, one, other in pairs if one != other
    )


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return _NOT_HERE


def _digest(package: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py"), key=lambda each: each.relative_to(package).as_posix()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(package).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:16]
