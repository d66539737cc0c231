"""The files that a scenario's last run used: templates, and the code of the functions that it invoked."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from harness.errors import HarnessError
from harness.json_types import Json, JsonObject, as_dict
from harness.observe.code_folders import CODE, folders_of
from harness.observe.model import Observation
from harness.planned import Planned
from harness.report.model import Result
from harness.settings import Settings, SettingsError
from harness.stack.artifacts import uses
from harness.stack.assets import Assets
from harness.stack.known_values import KnownValues
from harness.stack.nested import with_nested
from harness.stack.origin import Origin
from harness.stack.stack_choice import stacks_of
from harness.stack.template import look_at
from harness.watching.imported import imported

_FUNCTIONS: Final = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_INVOKED_BY_STACKS: Final = ("Custom::", "AWS::CloudFormation::CustomResource", "AWS::CloudFormation::Macro")
"""Resource types whose deployment invokes functions."""


_Stacks: TypeAlias = "tuple[frozenset[Path], tuple[FunctionCode, ...], bool]"
"""The stacks' templates, their functions, and whether a deployment invokes any of them."""


@dataclass(frozen=True)
class FunctionCode:
    """A function's code: its packaged folders, the folders that it imports from, and its handler.

    `handler` is "" if it is unknown, or not Python's. `known` is False if some folders are unknown; then any
    file may be its code.
    """

    name: str
    folders: tuple[Path, ...] = ()
    roots: tuple[Path, ...] = ()
    handler: str = ""
    known: bool = True

    def is_beside(self, path: Path) -> bool:
        """Return whether a file is packaged for the function."""
        return any(path.is_relative_to(folder) for folder in self.folders)

    def has(self, path: Path) -> bool:
        """Return whether the function may use a file: an imported Python file, or any other packaged file."""
        if not self.known:
            return True
        if not self.is_beside(path):
            return False
        return path.suffix != ".py" or not self.handler or imported(self.handler, self.roots).has(path)


@dataclass(frozen=True)
class Usage:
    """The templates and definitions of a scenario's stacks, their functions, and the invoked functions."""

    templates: frozenset[Path] = frozenset()
    functions: tuple[FunctionCode, ...] = ()
    invoked: frozenset[str] = frozenset()

    def is_code(self, path: Path) -> bool:
        """Return whether a file is packaged for a function, and has no other known use."""
        return path not in self.templates and any(each.is_beside(path) for each in self.functions)

    def invokes(self, functions: Collection[FunctionCode]) -> bool:
        """Return whether any of these functions was invoked."""
        return any(each in functions for each in self.functions if each.name in self.invoked)


@dataclass
class Usages:
    """Reads usages. The data that one stack's scenarios share is read once."""

    _stacks: dict[object, tuple[frozenset[Path], tuple[FunctionCode, ...], bool]] = field(
        default_factory=dict
    )

    def of(self, result: Result, settings: Settings) -> Usage | None:
        """Return the usage of a run, or None if it is unknown, for example because the run ended early."""
        seen = result.observation
        if seen is None or result.outcome not in ("passed", "failed"):
            return None
        try:
            planned = with_nested(stacks_of(result.scenario, settings))
            key = tuple((each.template, tuple(sorted(each.parameters.items()))) for each in planned)
            named = tuple(sorted((name, origin.key) for name, origin in seen.access.origins.items()))
            if (key, named) not in self._stacks:
                self._stacks[key, named] = _of_stacks([_Content.of(each) for each in planned], seen)
        except (HarnessError, OSError, SettingsError, ValueError):
            return None
        templates, functions, all_invoked = self._stacks[key, named]
        names = {seen.functions.get(each.function, each.function) for each in seen.invocations}
        lacking = names - {each.name for each in functions}
        functions += tuple(FunctionCode(name, known=False) for name in sorted(lacking))
        if all_invoked:
            names |= {each.name for each in functions}
        return Usage(templates, functions, frozenset(names))


def plain(path: Path) -> Path:
    """Return an absolute path without `..`, the form in which files are watched."""
    return Path(os.path.abspath(path))


@dataclass(frozen=True)
class _Content:
    """A template and its known values."""

    template: Path
    resources: JsonObject
    values: KnownValues
    named: frozenset[Path]

    @classmethod
    def of(cls, planned: Planned) -> _Content:
        """Return a stack's usage. Raises TemplateError."""
        content = look_at(planned.template, planned.parameters)
        named = frozenset(_named_in(planned.template, content))
        values = KnownValues(content, planned.parameters)
        return cls(plain(planned.template), as_dict(content.get("Resources")), values, named)


def _of_stacks(contents: Sequence[_Content], seen: Observation) -> _Stacks:
    templates = frozenset(path for each in contents for path in (each.template, *each.named))
    types = (str(as_dict(body).get("Type")) for each in contents for body in each.resources.values())
    functions = tuple(
        _function(name, origin, [each for each in contents if each.template == plain(origin.template)])
        for name, origin in seen.access.origins.items()
        if origin.type in _FUNCTIONS
    )
    return templates, functions, any(each.startswith(_INVOKED_BY_STACKS) for each in types)


def _named_in(template: Path, content: JsonObject) -> Iterator[Path]:
    """Return the files that a template refers to, except code."""
    assets = Assets(template)
    for use in uses(content):
        local = assets.local(use.value, use.artifact.bucket, use.artifact.key)
        if local is not None and not use.artifact.code:
            yield plain(local)


def _function(name: str, origin: Origin, contents: Sequence[_Content]) -> FunctionCode:
    folders = [(root, plain(folder)) for root, folder in folders_of(origin)]
    bodies = [as_dict(each.resources.get(origin.logical_id)) for each in contents]
    given = [as_dict(body.get("Properties")) for body in bodies]
    has_code = any(root == CODE for root, _ in folders)
    layers = [root for root, _ in folders if root != CODE]
    known = bool(given) and all(
        (has_code or "ZipFile" in as_dict(each.get("Code"))) and len(layers) == _number(each.get("Layers"))
        for each in given
    )
    roots = [folder for _, folder in folders]
    roots += [folder / "python" for root, folder in folders if root != CODE]
    texts = {
        (content.values.text(each.get("Runtime")) or "", content.values.text(each.get("Handler")) or "")
        for content, each in zip(contents, given, strict=True)
    }
    runtime, handler = texts.pop() if len(texts) == 1 else ("", "")
    if not runtime.startswith("python"):
        handler = ""
    return FunctionCode(name, tuple(folder for _, folder in folders), tuple(roots), handler, known)


def _number(layers: Json) -> int:
    """Return a function's number of layers; if unknown, a number higher than any function has."""
    return len(layers) if isinstance(layers, list) else 0 if layers is None else sys.maxsize
