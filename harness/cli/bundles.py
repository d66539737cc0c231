"""`harness run` with bundles: write a bundle (`--bundle FILE`), or run one (`harness run FILE.zip`)."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.engine.base import EngineError
from harness.exit_codes import FAILED, INTERRUPTED, OTHER_HISTORIES, PASSED
from harness.printable import one_line, say
from harness.report import FORMATS, STDOUT
from harness.settings import SETTINGS, SettingsError

SUFFIX: Final = ".zip"
_INSIDE: Final = "harness.cli.bundle_inside"
_REPORTS: Final = "reports"
"""The folder below /tmp for the run's reports."""
_ALONE: Final = (
    "allow_skipped",
    "bundle",
    "cov",
    "cov_append",
    "cov_min",
    "coverage",
    "coverage_min",
    "durations",
    "exitfirst",
    "iam_report",
    "k",
    "keep",
    "keep_failed",
    "last_failed",
    "m",
    "maxfail",
    "shard",
    "twice",
)
"""Options, apart from settings, that cannot be combined with a bundle."""
_SIGNAL: Final = 128
"""Exit codes above this number indicate a signal."""
_PLAYED: Final = (PASSED, FAILED, OTHER_HISTORIES)
_LARGEST_REPORT: Final = 1 << 30


def run(arguments: argparse.Namespace) -> int:
    """Run scenarios, or a bundle. Return 1 if any of them is not as expected."""
    if any(path.suffix.lower() == SUFFIX for path in arguments.paths):
        return _play(_only_bundle(arguments), arguments)
    from harness.cli.commands import run as run_paths  # noqa: PLC0415  (start-up)

    if arguments.bundle is None:
        return run_paths(arguments)
    from harness.bundle.reads import Reads  # noqa: PLC0415

    reads = Reads()
    with reads.listening():
        return run_paths(arguments, reads)


def _only_bundle(arguments: argparse.Namespace) -> Path:
    """Return the bundle to run. Raises SettingsError for options that cannot be combined with it."""
    path: Path = next(path for path in arguments.paths if path.suffix.lower() == SUFFIX)
    if len(arguments.paths) > 1:
        other = next(each for each in arguments.paths if each is not path)
        raise SettingsError(f"{path}: a bundle must be run alone; omit {other}")
    given = [name for name in _ALONE if getattr(arguments, name) not in (None, False)]
    given += [s.option.removeprefix("--") for s in SETTINGS if s.option and getattr(arguments, s.name)]
    given += ["n"] if arguments.n > 1 else []
    if given:
        option = f"{'-' if len(given[0]) == 1 else '--'}{given[0].replace('_', '-')}"
        raise SettingsError(f"{path}: a bundle runs with the options it was written with; omit {option}")
    return path


def _play(path: Path, arguments: argparse.Namespace) -> int:
    """Run a bundle.

    Raises:
        SettingsError: the file is not a bundle, or the bundle cannot be used.
        EngineError: this machine does not support isolation.
    """
    from harness.bundle import isolated  # noqa: PLC0415  (start-up)
    from harness.bundle.manifest import BUILDS, MANIFEST, PROJECT, RESULTS, BundleError  # noqa: PLC0415
    from harness.bundle.opening import opened  # noqa: PLC0415
    from harness.bundle.unpacking import unpacked  # noqa: PLC0415

    files: dict[str, Path] = {each.name: f for each in FORMATS if (f := getattr(arguments, each.name))}
    screen = sys.stderr if STDOUT in files.values() else sys.stdout
    try:
        with opened(path) as bundle:
            isolated.check()
            _introduce(path, bundle.manifest.left_out, _others(bundle.manifest.versions))
            with unpacked(bundle) as root:
                place = isolated.Place(root)
                (place.files / MANIFEST).write_bytes(bundle.manifest.written())
                beside = bundle.manifest.folder is None
                folder = RESULTS if beside else f"{PROJECT}/{bundle.manifest.folder}".rstrip("/")
                (place.files / folder).mkdir(parents=True, exist_ok=True)
                (place.files / BUILDS).mkdir(exist_ok=True)
                (place.tmp / _REPORTS).mkdir()
                options = {
                    "bundle": f"harness run {shlex.quote(str(path))}",
                    "verbose": arguments.verbose,
                    "files": {name: f"/tmp/{_REPORTS}/{name}" for name in files},  # noqa: S108
                }
                code = isolated.run(_INSIDE, [json.dumps(options)], place, folder, screen)
                if code > _SIGNAL and code != INTERRUPTED:
                    raise EngineError(f"the process that ran {path} was killed by signal {code - _SIGNAL}")
                for name, target in files.items():
                    if code in _PLAYED:
                        _hand_over(place.tmp / _REPORTS / name, target)
                return code
    except BundleError as error:
        raise SettingsError(str(error)) from error


def _others(kept: dict[str, str]) -> Sequence[str]:
    from harness.bundle.versions import other_versions, versions  # noqa: PLC0415  (start-up)

    return other_versions(kept, versions())


def _introduce(path: Path, left_out: Sequence[str], others: Sequence[str]) -> None:
    for sentence in left_out:
        say(f"{one_line(path)}: {one_line(sentence)}", file=sys.stderr)
    if others:
        say(
            f"{one_line(path)}: these versions differ from those in the bundle, so histories may differ:",
            file=sys.stderr,
        )
        say(*(f"  {one_line(each)}" for each in others), file=sys.stderr)


def _hand_over(made: Path, target: Path) -> None:
    """Copy a run's report, if it is a file, to the requested path. Raises SettingsError."""
    try:
        with open(os.open(made, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as source:
            status = os.fstat(source.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_REPORT:
                raise SettingsError(f"{target}: not written: the run produced no such report")
            if target == STDOUT:
                sys.stdout.write(source.read().decode("utf-8", "backslashreplace"))
                sys.stdout.flush()
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                shutil.copyfileobj(source, file)
    except OSError as error:
        raise SettingsError(f"{target}: not written ({error.strerror})") from error
