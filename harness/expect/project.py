"""The expectations that scenario files of a project may have: the built-in ones and its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError

from harness.expect import BUILT_IN
from harness.expect.base import Expectation
from harness.project_file import line_of, project_module
from harness.settings import Settings, SettingsError

NAME = "EXPECTATIONS"
"""The variable of a project's file that has them."""
_TYPES = "make it a harness.expect.PerRun or a harness.expect.Overall"


def expectations_of(settings: Settings) -> tuple[Expectation[Any], ...]:
    """BUILT_IN, then the EXPECTATIONS of the project's file if the settings name one.

    Raises:
        SettingsError: the file cannot be imported, has no EXPECTATIONS, or one of them cannot be used.
    """
    if settings.expectations is None:
        return BUILT_IN
    return (*BUILT_IN, *_own(settings.expectations))


def _own(path: Path) -> tuple[Expectation[Any], ...]:
    found = getattr(project_module(path, "expectations"), NAME, None)
    if not isinstance(found, tuple) or not found:
        said = "it has no" if found is None else f"{found!r} cannot be its"
        remedy = "assign a tuple with at least one expectation (see harness.expect)"
        raise SettingsError(f"{line_of(path, NAME)}: {said} {NAME}; {remedy}")
    keys = {each.key: "is built in" for each in BUILT_IN}
    for n, each in enumerate(found):
        if not isinstance(each, Expectation):
            raise SettingsError(f"{line_of(path, NAME, n)}: {NAME}[{n}] is {each!r}; {_TYPES}")
        if each.key in keys:
            raise SettingsError(
                f"{line_of(path, NAME, n)}: the key {each.key!r} {keys[each.key]}; choose another one, "
                f"not one of {', '.join(keys)}"
            )
        keys[each.key] = "is already that of an expectation before it"
        _check_type(each, f"{line_of(path, NAME, n)}: expectation {each.key!r}")
    return found


def _check_type(expectation: Expectation[Any], where: str) -> None:
    """Refuse a type that pydantic cannot read YAML into; later, it would be an error of every scenario."""
    wanted: Any = expectation.wanted
    try:
        _ = wanted | None
        TypeAdapter(wanted).rebuild()
    except (PydanticUserError, PydanticUndefinedAnnotation, TypeError) as error:
        problem = str(error).partition("\n")[0]
        remedy = "use a harness.expect.Model, or a type that pydantic knows"
        raise SettingsError(f"{where}: wanted cannot be read from YAML: {problem}; {remedy}") from error
