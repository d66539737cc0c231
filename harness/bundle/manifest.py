"""The bundle manifest, `bundle.json`: run settings, and checksums of the other files."""

from __future__ import annotations

import json
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

FORMAT: Final = 1
"""The format's version. It changes when older bundles can no longer be read, or would be read differently."""
MANIFEST: Final = "bundle.json"
REPORT: Final = "report.json"
PROJECT, BUILDS, RESULTS = "project", "builds", "results"
"""Folders in a bundle: the project's files, the packages installed for functions, and the results."""


class BundleError(Exception):
    """A bundle cannot be written or used. The message says why, and what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class File(_Part):
    """The checksum of a file, and its mode."""

    sha256: str
    mode: int


class Played(_Part):
    """A scenario that ran: its file, the file of its record, and its outcome.

    It is `compared` if another run must have the same result, which is not the case on the real clock.
    """

    file: str
    title: str
    outcome: str
    record: str
    compared: bool


class Ran(_Part):
    """A function's declared runtime, and the Python that it ran on."""

    runtime: str
    python: str


class Manifest(_Part):
    """The content of `bundle.json`.

    `folder` is the working directory within the project, or None if it is elsewhere. `settings` are the
    settings from options and variables. `functions` are listed by logical ID. `installed` are the packages in
    each build, as `name==version`. `left_out` are sentences about missing or changed content.
    """

    format: int
    versions: dict[str, str]
    folder: str | None
    settings: dict[str, str]
    scenarios: tuple[Played, ...]
    functions: dict[str, tuple[Ran, ...]]
    installed: dict[str, tuple[str, ...]]
    left_out: tuple[str, ...]
    files: dict[str, File]

    def written(self) -> bytes:
        """Return the manifest as JSON."""
        return (json.dumps(self.model_dump(), indent=1, sort_keys=True) + "\n").encode()

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Read the output of `written`. Raises BundleError."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            raise BundleError(f"its {MANIFEST} is not JSON") from None
        format_ = found.get("format") if isinstance(found, dict) else None
        if not isinstance(format_, int) or isinstance(format_, bool):
            raise BundleError(f"its {MANIFEST} has no format")
        if format_ != FORMAT:
            made = found.get("versions")
            by = f" by version {made['harness']}" if isinstance(made, dict) and "harness" in made else ""
            raise BundleError(
                f"it was written{by} in format {format_}, but this version reads format {FORMAT}; "
                "run it with the version of the harness that wrote it"
            )
        try:
            return cls.model_validate_json(text)
        except (ValidationError, RecursionError) as error:
            first = (
                error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": "too deep"}
            )
            where = ".".join(map(str, first["loc"]))
            raise BundleError(f"its {MANIFEST} is invalid: {where}: {first['msg']}") from None
