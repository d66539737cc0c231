"""The SAM project for a template: parameters and Region in samconfig.toml, and the output of `sam build`.

See
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
"""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from harness.cloudformation.faults import TemplateRefused
from harness.cloudformation.reading import read
from harness.cloudformation.sam import PREFIX, URIS
from harness.files import read_text
from harness.json_types import Json, JsonObject, as_dict
from harness.notes import Note
from harness.regions import regions

CONFIGURATIONS: Final = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")
BUILT: Final = Path(".aws-sam", "build", "template.yaml")
_BUILT_KINDS: Final = (f"{PREFIX}Function", f"{PREFIX}LayerVersion")
_PASSED_OVER: Final = frozenset({".aws-sam", ".git", ".pytest_cache", ".venv", "__pycache__"})
_LONG: Final = re.compile(r"ParameterKey=(.*?),ParameterValue=(.*)", re.DOTALL)


class ConfigurationError(Exception):
    """A samconfig file cannot be read. The message gives the file and the problem."""


def configured_parameters(template: Path) -> dict[str, str]:
    """Return the parameters that `sam deploy` would pass to a SAM template, from the samconfig next to it.

    The environment is `default`. Values under `deploy` take precedence over values under `global`.

    Raises:
        ConfigurationError: the file cannot be read, or its `parameter_overrides` have an unknown format.
    """
    found: dict[str, str] = {}
    for file, parameters in _configured(template):
        found |= dict(_pairs(file, parameters.get("parameter_overrides", [])))
    return found


def configured_region(template: Path) -> str:
    """Return the Region that `sam deploy` would deploy a SAM template to, from the samconfig next to it.
    Default: "".

    Raises:
        ConfigurationError: the file cannot be read.
    """
    named = [str(parameters.get("region", "")) for _, parameters in _configured(template)]
    return next((region for region in reversed(named) if region in regions()), "")


def _configured(template: Path) -> Iterator[tuple[Path, JsonObject]]:
    """Return the parameters in the samconfig next to a SAM template: for all commands, and for `deploy`."""
    file = next((path for name in CONFIGURATIONS if (path := template.parent / name).is_file()), None)
    if file is None or not _is_sam(template):
        return
    environment = as_dict(_content(file).get("default"))
    for command in ("global", "deploy"):
        yield file, as_dict(as_dict(environment.get(command)).get("parameters"))


def _is_sam(template: Path) -> bool:
    try:
        return PREFIX in read_text(template)
    except (OSError, UnicodeDecodeError):
        return False


def _content(file: Path) -> JsonObject:
    try:
        text = read_text(file)
        return tomllib.loads(text) if file.suffix == ".toml" else read(text)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(f"{file}: cannot be read ({reason})") from error


def _pairs(file: Path, given: Json) -> Iterator[tuple[str, str]]:
    """Parse `A=1 B="2 3"`, a list of such strings, or a table into names and values."""
    if isinstance(given, dict):
        yield from ((name, str(value)) for name, value in given.items())
        return
    for text in given if isinstance(given, list) else [given]:
        for pair in shlex.split(str(text)):
            long = _LONG.fullmatch(pair)
            name, equals, value = (long[1], "=", long[2]) if long else pair.partition("=")
            if not equals:
                raise ConfigurationError(
                    f"{file}: parameter_overrides: {pair!r} is not NAME=VALUE; use the format of `sam deploy`"
                )
            yield name, value


def with_build(path: Path, template: JsonObject) -> JsonObject:
    """Return the template with the code from `sam build`, if that code is newer than its source."""
    built = _built(path)
    if built is None or _newer(path, template):
        return template
    resources = {
        name: _with_code(entry, as_dict(built.get(name)))
        for name, entry in as_dict(template.get("Resources")).items()
    }
    return {**template, "Resources": resources}


def build_note(path: Path, template: JsonObject) -> Note | None:
    """Return a note about which code is used, if `sam build` was run."""
    if _built(path) is None:
        return None
    place = os.path.relpath(path)
    if (newer := _newer(path, template)) is None:
        return Note("runtime", place, "code", f"the output of `sam build` in {BUILT.parent}")
    meaning = (
        f"the source, because {os.path.relpath(newer)} is newer than {BUILT.parent}; to update it, run `sam "
        "build`"
    )
    return Note("runtime", place, "code", meaning)


def _built(path: Path) -> JsonObject | None:
    """Return the resources in the template that `sam build` generated from this one."""
    try:
        return as_dict(read(read_text(path.parent / BUILT)).get("Resources"))
    except (OSError, UnicodeDecodeError, TemplateRefused):
        return None


def _newer(path: Path, template: JsonObject) -> Path | None:
    """Return a source file that is newer than the build."""
    return _newer_in(tuple(_sources(path, template)), (path.parent / BUILT).stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _newer_in(places: tuple[Path, ...], made_ns: int) -> Path | None:
    """Return a file in these locations that is newer than the given time. Cached: a run reads a template
    many times.
    """
    files = (file for place in places for file in _files(place))
    return next((file for file in files if file.stat().st_mtime_ns > made_ns), None)


def _sources(path: Path, template: JsonObject) -> Iterator[Path]:
    """Return the template, and the locations of the code for its functions and layers."""
    yield path
    for entry in (*as_dict(template.get("Resources")).values(), *_globals(template)):
        kind = str(as_dict(entry).get("Type"))
        if kind not in _BUILT_KINDS:
            continue
        code = as_dict(as_dict(entry).get("Properties")).get(URIS[kind])
        if isinstance(code, str) and "://" not in code:
            yield path.parent / code


def _globals(template: JsonObject) -> list[JsonObject]:
    shared = as_dict(as_dict(template.get("Globals")).get("Function"))
    return [{"Type": _BUILT_KINDS[0], "Properties": shared}]


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    for folder, folders, files in os.walk(place):
        folders[:] = [name for name in folders if name not in _PASSED_OVER]
        yield from (Path(folder, name) for name in files)


def _with_code(entry: Json, built: JsonObject) -> Json:
    kind = str(as_dict(entry).get("Type"))
    code = as_dict(built.get("Properties")).get(URIS.get(kind, ""))
    if not isinstance(entry, dict) or kind not in _BUILT_KINDS or not isinstance(code, str):
        return entry
    place = code if "://" in code else os.path.join(BUILT.parent, code)
    return {**entry, "Properties": {**as_dict(entry.get("Properties")), URIS[kind]: place}}
