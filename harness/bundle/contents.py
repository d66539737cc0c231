"""Creates the entries of a bundle: the project's files, installed packages, the records and the report."""

from __future__ import annotations

import hashlib
import json
import stat
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.bundle.known_secrets import secrets_of
from harness.bundle.manifest import (
    BUILDS,
    FORMAT,
    MANIFEST,
    PROJECT,
    REPORT,
    RESULTS,
    BundleError,
    File,
    Manifest,
    Played,
    Ran,
)
from harness.bundle.names import clash, name_problem
from harness.bundle.packing import Entry
from harness.bundle.project import Found, builds_in, distributions_in, folder_of, found_in
from harness.bundle.reads import Reads
from harness.bundle.records import record_of, written
from harness.bundle.secrets import StandIns, leak, places_of, without_places
from harness.bundle.table import table_alone
from harness.bundle.versions import versions
from harness.files import read_bytes
from harness.functions.host.zips import UNZIPPED_BYTES
from harness.report.json_report import JsonReport
from harness.report.model import Result
from harness.scenario.stand_ins import stand_ins_of
from harness.settings import Settings


@dataclass(frozen=True)
class Source:
    """The input for a bundle.

    `overrides` are the settings from options and variables, by name. `folder` is the working directory.
    `without` is the bundle's file.
    """

    reads: Reads
    results: Sequence[Result]
    settings_of: Callable[[Path], Settings]
    report: JsonReport
    overrides: Mapping[str, str]
    environ: Mapping[str, str]
    folder: Path
    without: Path


def entries_of(source: Source) -> tuple[dict[str, Entry], Manifest]:
    """Return the files of a bundle, including its manifest.

    Raises:
        BundleError: some content must not leave this machine, or a name is not portable.
    """
    settings = {result.scenario.path: source.settings_of(result.scenario.path) for result in source.results}
    roots = sorted({each.root for each in settings.values()})
    answers = _answers(source.results)
    found = found_in(source.reads, roots, answers, source.environ, without=source.without)
    project = dict(_of_project(found))
    files = {name: entry.content for name, entry in project.items()}
    played_with = [(result.scenario, settings[result.scenario.path]) for result in source.results]
    stand_ins = StandIns(secrets_of(played_with, files))
    places = places_of(found.root, source.environ)

    def cleaned(text: str) -> str:
        return without_places(stand_ins.text(text), places)

    entries = {
        f"{PROJECT}/{name}": Entry(stand_ins.content(each.content), each.mode)
        for name, each in project.items()
    }
    builds = builds_in(source.reads, source.environ)
    entries |= {f"{BUILDS}/{name}": Entry(path.read_bytes()) for name, path in builds.items()}
    played: list[Played] = []
    for number, result in enumerate(source.results, start=1):
        record = f"{RESULTS}/{number:03}-{result.scenario.path.stem}.json"
        entries[record] = Entry(written(record_of(result, cleaned)))
        played.append(_played(result, record, found))
    entries[REPORT] = Entry(_report(source.report, cleaned))
    manifest = Manifest(
        format=FORMAT,
        versions=versions(),
        folder=folder_of(found.root, source.folder),
        settings={name: cleaned(text) for name, text in source.overrides.items()},
        scenarios=tuple(played),
        functions=_functions(source.results),
        installed={name: _installed(path) for name, path in builds.items()},
        left_out=(*found.left_out, *_replaced(stand_ins)),
        files={name: File(sha256=_digest(each.content), mode=each.mode) for name, each in entries.items()},
    )
    entries[MANIFEST] = Entry(manifest.written())
    _check(entries, source.environ)
    return entries, manifest


def _answers(results: Iterable[Result]) -> list[Path]:
    """Return the modules that answer tasks, as found by the engine."""
    named = (
        (result.scenario.path.parent, each.spec.python.rpartition(":")[0])
        for result in results
        for each in stand_ins_of(result.scenario)
    )
    return [(folder / path).resolve() for folder, path in named if path]


def _of_project(found: Found) -> Iterable[tuple[str, Entry]]:
    for name, path in found.files.items():
        try:
            content = read_bytes(path, UNZIPPED_BYTES)
            mode = stat.S_IMODE(path.stat().st_mode) & 0o777
        except OSError as error:
            raise BundleError(f"no bundle was written: {name} cannot be read ({error.strerror})") from error
        if name in found.settings_alone:
            table = _table(content)
            if table is None:
                continue
            content = table_alone(table, path.parent).encode()
        yield name, Entry(content, mode)


def _table(content: bytes) -> Mapping[str, object] | None:
    """Return the harness table from a pyproject.toml; None if it has none."""
    with suppress(ValueError):
        tool = tomllib.loads(content.decode()).get("tool", {})
        table = tool.get("harness")
        return table if isinstance(table, dict) else None
    return None


def _played(result: Result, record: str, found: Found) -> Played:
    scenario = result.scenario
    path = scenario.path.absolute()
    name = next((name for name, each in found.files.items() if each == path), None)
    if name is None:
        name = next(name for name, each in found.files.items() if each.resolve() == path.resolve())
    compared = scenario.clock != "real" and not result.broke
    return Played(file=name, title=scenario.title, outcome=result.outcome, record=record, compared=compared)


def _report(report: JsonReport, cleaned: Callable[[str], str]) -> bytes:
    """Return the report as JSON, without the part that depends on the computer's clock."""
    document = json.loads(cleaned(report.text()))
    del document["real_time"]
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _functions(results: Iterable[Result]) -> dict[str, tuple[Ran, ...]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for seen in (result.observation for result in results if result.observation is not None):
        for each in seen.invocations:
            ran = (each.runtime, each.python)
            found.setdefault(seen.functions.get(each.function, each.function), set()).add(ran)
    return {
        name: tuple(Ran(runtime=runtime, python=python) for runtime, python in sorted(found[name]))
        for name in sorted(found)
    }


def _installed(path: Path) -> tuple[str, ...]:
    with zipfile.ZipFile(path) as archive:
        return tuple(sorted(distributions_in(archive.namelist())))


def _replaced(stand_ins: StandIns) -> Iterable[str]:
    if stand_ins.names:
        yield f"replaced with different text in the same format: {', '.join(stand_ins.names)}"
    if stand_ins.short:
        yield f"too short to search for in other text, so not replaced: {', '.join(stand_ins.short)}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _check(entries: Mapping[str, Entry], environ: Mapping[str, str]) -> None:
    for name, entry in entries.items():
        if problem := name_problem(name):
            raise BundleError(
                f"no bundle was written: {name!r} is not a portable name: {problem}; rename the file"
            )
        if found := leak(entry.content, environ):
            raise BundleError(
                f"no bundle was written: {name.removeprefix(PROJECT + '/')} contains {found}; remove "
                "it, or run without the variable"
            )
    if both := clash(entries):
        raise BundleError(f"no bundle was written: it would contain {both}; rename one of them")
