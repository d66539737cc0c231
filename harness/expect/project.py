"""The expectations available to a project's scenario files: the built-in expectations and its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidatorFunctionWrapHandler, WrapValidator
from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError

from harness.expect import BUILT_IN
from harness.expect.base import Entry, Expectation, Overall, PerRun
from harness.expect.model import Mismatch
from harness.json_types import Json, JsonObject
from harness.project_file import line_of, project_module, raised_at
from harness.scenario.finding import Finding, Rule
from harness.scenario.load import load_each
from harness.scenario.model import Scenario
from harness.scenario.position import RefusedError
from harness.scenario.source import KeyPath
from harness.scenario.used_names import Name
from harness.settings import Settings, SettingsError

NAME = "EXPECTATIONS"
"""The variable that contains the expectations in a project's file."""


def expectations_of(settings: Settings) -> tuple[Expectation[Any], ...]:
    """Return BUILT_IN, followed by EXPECTATIONS from the project's file if the settings specify one.

    Raises:
        SettingsError: the file cannot be imported, has no EXPECTATIONS, or one of them is invalid.
    """
    return BUILT_IN if settings.expectations is None else _all(settings.expectations)


def load_scenarios(paths: Iterable[Path], settings_of: Callable[[Path], Settings]) -> tuple[Scenario, ...]:
    """Return the scenarios in these files, each with its project's expectations.

    `settings_of` returns the settings for a scenario file.

    Raises:
        ScenarioError: files are invalid; the error lists all problems in all files.
        SettingsError: a project's expectations are invalid.
    """
    return load_each([(path, expectations_of(settings_of(path))) for path in paths])


@lru_cache(maxsize=8)
def _all(path: Path) -> tuple[Expectation[Any], ...]:
    found = getattr(project_module(path, "expectations"), NAME, None)
    if not isinstance(found, tuple) or not found:
        said = "it has no" if found is None else f"{found!r} cannot be its"
        remedy = "assign a tuple with at least one expectation (see harness.expect)"
        raise SettingsError(f"{line_of(path, NAME)}: {said} {NAME}; {remedy}")
    known = {each.key: "is built in" for each in BUILT_IN}
    own: list[Expectation[Any]] = []
    for n, each in enumerate(found):
        if not isinstance(each, PerRun | Overall):
            remedy = "make it a harness.expect.PerRun or a harness.expect.Overall"
            raise SettingsError(f"{line_of(path, NAME, n)}: {NAME}[{n}] is {each!r}; {remedy}")
        if each.key in known:
            raise SettingsError(
                f"{line_of(path, NAME, n)}: the key {each.key!r} {known[each.key]}; choose another one, not "
                f"one of {', '.join(known)}"
            )
        known[each.key] = "is already used by an earlier expectation"
        _check_type(each, f"{line_of(path, NAME, n)}: expectation {each.key!r}")
        own.append(_guarded(each, path))
    return (*BUILT_IN, *own)


def _check_type(expectation: Expectation[Any], where: str) -> None:
    """Reject a type that pydantic cannot parse YAML into. Otherwise, every scenario would report it."""
    wanted: Any = expectation.wanted
    try:
        _ = wanted | None
        TypeAdapter(wanted).rebuild()
    except (PydanticUserError, PydanticUndefinedAnnotation, TypeError) as error:
        problem = str(error).partition("\n")[0]
        remedy = "use a harness.expect.Model, or a type that pydantic supports"
        raise SettingsError(f"{where}: wanted cannot be read from YAML: {problem}; {remedy}") from error


def _guarded(expectation: PerRun[Any] | Overall[Any], path: Path) -> Expectation[Any]:
    """Return the same expectation, but convert its exceptions into mismatches and problems that state their
    origin.
    """

    def validate(value: Json, handler: ValidatorFunctionWrapHandler) -> object:
        try:
            return handler(value)
        except ValueError:  # raised by pydantic, or by a validator that rejects a value
            raise
        except (Exception, SystemExit) as error:
            raise RefusedError(
                f"{expectation.key} could not be read: {raised_at(error, path)}", "correct it"
            ) from error

    changes: dict[str, Any] = {
        "wanted": Annotated[expectation.wanted, WrapValidator(validate)],
        "rules": tuple(_guarded_rule(rule, path) for rule in expectation.rules),
        "names": _guarded_names(expectation.names, f"{path}: expectation {expectation.key!r}"),
        "compare": _guarded_comparison(expectation.compare, path),
    }
    return replace(expectation, **changes)


def _guarded_rule(rule: Rule, path: Path) -> Rule:
    def guarded(at: KeyPath, value: Json, file: JsonObject) -> Iterator[Finding]:
        try:
            for found in rule(at, value, file):
                yield _checked_finding(found)
        except (Exception, SystemExit) as error:
            yield Finding(
                at, f"a rule of {at[-1]} could not be applied: {raised_at(error, path)}", "correct it"
            )

    return guarded


def _guarded_names(names: Callable[[Any], Iterable[Name]], where: str) -> Callable[[Any], tuple[Name, ...]]:
    def guarded(wanted: Any) -> tuple[Name, ...]:
        try:
            found = tuple(names(wanted))
        except (Exception, SystemExit) as error:
            raise SettingsError(f"{where}: names: {type(error).__name__}: {error}; correct it") from error
        if wrong := [name for name in found if not isinstance(name, Name)]:
            raise SettingsError(f"{where}: names returns {wrong[0]!r}; return harness.expect.Name")
        return found

    return guarded


def _guarded_comparison(
    compare: Callable[..., Iterable[Mismatch]], path: Path
) -> Callable[..., Iterator[Mismatch]]:
    def guarded(*arguments: Any) -> Iterator[Mismatch]:
        entry: Entry = arguments[-1]
        try:
            for found in compare(*arguments):
                yield _checked(found)
        except (Exception, SystemExit) as error:
            yield entry.mismatch(f"the comparison failed: {raised_at(error, path)}")

    return guarded


def _checked_finding(found: object) -> Finding:
    if not isinstance(found, Finding):
        raise TypeError(f"it yields {found!r} instead of a Finding")
    return found


def _checked(found: object) -> Mismatch:
    """Return the same mismatch. Raises TypeError for any other object, and for a string that cannot be
    printed.
    """
    if not isinstance(found, Mismatch):
        raise TypeError(f"it yields {found!r} instead of a mismatch; yield entry.mismatch(...)")
    for name in ("summary", "expected", "seen", "subject"):
        if not isinstance(text := getattr(found, name), str):
            raise TypeError(f"a mismatch has {name}={text!r}, which is not text; write {name}=str(...)")
    return found
