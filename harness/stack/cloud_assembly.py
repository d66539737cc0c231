"""Stacks of a CDK app in `cdk.out`, the output of `cdk synth`: a cloud assembly.

Reading it requires neither CDK nor Node.js. For the format of `manifest.json`, see
https://github.com/aws/aws-cdk-cli/tree/main/packages/@aws-cdk/cloud-assembly-schema
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from harness.bounds import json_of
from harness.files import is_file, is_folder, is_there, read_text
from harness.json_types import Json, JsonObject, as_dict

MANIFEST: Final = "manifest.json"
PROGRAM: Final = "cdk.json"
SYNTH: Final = "run `cdk synth`"
_STACK: Final = "aws:cloudformation:stack"
_ASSEMBLY: Final = "cdk:cloud-assembly"
_ASSET: Final = "aws:cdk:asset"
_STANDS_IN: Final = "cdk||asset"
"""Value for asset parameters. Templates split the value of a key parameter."""
_Key: TypeAlias = tuple[Path, str]
"""An artifact's assembly, and the artifact's ID in that assembly."""
_Artifacts: TypeAlias = dict[_Key, JsonObject]
_LABEL: Final = re.compile(r" \(.*\)$")


class AssemblyError(Exception):
    """The folder is not a usable cloud assembly. `message` contains the reason, `remedy` the fix.

    `of_name` is true if the assembly is valid, but has no stack with the requested name.
    """

    def __init__(self, message: str, remedy: str = SYNTH, *, of_name: bool = False) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy
        self.of_name = of_name


@dataclass(frozen=True)
class AppStack:
    """A stack in an app. `id` is its artifact's ID, `path` is its construct's path (`Prod/Orders`).

    `needs` contains the keys of the stack and of all its dependencies. `parameters` have values from CDK
    itself, such as the asset parameters in version 1. `environment` is the target account and Region.
    """

    assembly: Path
    id: str
    name: str
    path: str
    template: Path
    needs: tuple[_Key, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    environment: str = ""

    @property
    def key(self) -> _Key:
        """The assembly, and the artifact's ID in it."""
        return self.assembly, self.id

    @property
    def names(self) -> tuple[str, ...]:
        """All names of the stack: its name, its construct's path and its artifact's ID."""
        return tuple(dict.fromkeys((self.name, self.path, self.id)))


def is_of_app(template: Path) -> bool:
    """Return whether a template path is the folder of an app, or a missing folder next to an app's
    program.
    """
    return is_folder(template) or (not is_there(template) and is_file(template.parent / PROGRAM))


def app_beside(folder: Path) -> str:
    """Return a remedy for a missing template if the folder contains a CDK app's program; otherwise ""."""
    if not is_file(folder / PROGRAM):
        return ""
    return f'this is a CDK app: {SYNTH}, and write template = "cdk.out"'


def stacks_in(folder: Path) -> tuple[AppStack, ...]:
    """Return all stacks in an app, including the stacks in its stages. Dependencies come first.

    Raises:
        AssemblyError: the folder is not an assembly, or has no stacks.
    """
    if not is_folder(folder):
        raise AssemblyError(f"{folder} not found")
    artifacts: _Artifacts = {}
    _collect(folder, artifacts, ())
    order = _Visit(artifacts)
    for key in artifacts:
        order.visit(key)
    stacks = [_stack(key, artifacts) for key in order.seen if artifacts[key].get("type") == _STACK]
    if not stacks:
        raise AssemblyError(f"{folder / MANIFEST} has no stacks", f"add one to the app and {SYNTH}")
    return tuple(stacks)


def chosen(folder: Path, stacks: Sequence[AppStack], name: str) -> tuple[AppStack, ...]:
    """Return the stacks with this name, path or artifact ID, and their dependencies. Default: all stacks.

    The path may be a stage's path, which selects all stacks in the stage.

    Raises:
        AssemblyError: no stack matches.
    """
    if not name:
        return tuple(stacks)
    wanted = [each for each in stacks if name in each.names or each.path.startswith(f"{name}/")]
    if not wanted:
        from harness.scenario.wording import nearest  # noqa: PLC0415  (start-up)

        known = [stack.name for stack in stacks]
        remedy = nearest(name, known, "its stacks")
        raise AssemblyError(f"{folder} has no stack {name!r}", remedy, of_name=True)
    needed = {key for stack in wanted for key in stack.needs}
    return tuple(stack for stack in stacks if stack.key in needed)


def asset_parameters(folder: Path) -> Mapping[str, Path]:
    """Map each bucket parameter from CDK version 1 to the file or folder of its asset."""
    if not is_file(folder / MANIFEST):
        return {}
    try:
        artifacts = _artifacts(folder)
    except AssemblyError:
        return {}
    return {
        str(asset["s3BucketParameter"]): folder / str(asset.get("path"))
        for artifact in artifacts.values()
        for asset in _assets(artifact)
        if "s3BucketParameter" in asset
    }


def _artifacts(folder: Path) -> Mapping[str, JsonObject]:
    manifest = folder / MANIFEST
    if not is_there(manifest):
        raise AssemblyError(f"{folder} is not a CDK app: it has no {MANIFEST}")
    try:
        content = json_of(read_text(manifest))
    except OSError as error:
        raise AssemblyError(f"{manifest} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise AssemblyError(f"{manifest} is not JSON ({error})") from error
    found = as_dict(content).get("artifacts", {})
    if not isinstance(found, dict):
        raise AssemblyError(f"{manifest} is not a CDK manifest: its artifacts are not a mapping")
    return {id_: as_dict(artifact) for id_, artifact in found.items()}


def _collect(folder: Path, found: _Artifacts, parents: tuple[Path, ...]) -> None:
    if folder.resolve() in parents:
        raise AssemblyError(f"{folder} contains itself")
    for id_, artifact in _artifacts(folder).items():
        found[folder, id_] = artifact
        if artifact.get("type") == _ASSEMBLY:
            _collect(_nested(folder, artifact), found, (*parents, folder.resolve()))


def _nested(folder: Path, artifact: JsonObject) -> Path:
    return folder / str(as_dict(artifact.get("properties")).get("directoryName"))


def _stack(key: _Key, artifacts: _Artifacts) -> AppStack:
    (folder, id_), artifact = key, artifacts[key]
    properties = as_dict(artifact.get("properties"))
    template = properties.get("templateFile")
    if not isinstance(template, str):
        raise AssemblyError(f"{folder / MANIFEST}: the stack {id_} has no templateFile")
    needed = _Visit(artifacts)
    needed.visit(key)
    return AppStack(
        folder,
        id_,
        _text(properties.get("stackName")) or id_,
        _LABEL.sub("", _text(artifact.get("displayName"))) or id_,
        folder / template,
        tuple(needed.seen),
        {
            **{name: _STANDS_IN for asset in _assets(artifact) for name in _parameters(asset)},
            **{name: _text(value) for name, value in as_dict(properties.get("parameters")).items()},
        },
        _text(artifact.get("environment")),
    )


def _assets(artifact: JsonObject) -> Iterator[JsonObject]:
    """Return the assets that are passed to a stack as parameters, in the format of CDK version 1."""
    for entries in as_dict(artifact.get("metadata")).values():
        for entry in entries if isinstance(entries, list) else ():
            if as_dict(entry).get("type") == _ASSET:
                yield as_dict(as_dict(entry).get("data"))


def _parameters(asset: JsonObject) -> Iterator[str]:
    for key in ("s3BucketParameter", "s3KeyParameter", "artifactHashParameter", "imageNameParameter"):
        if isinstance(name := asset.get(key), str):
            yield name


@dataclass
class _Visit:
    """Sorts artifacts by dependencies. In `seen`, each artifact comes after its dependencies."""

    artifacts: _Artifacts
    seen: dict[_Key, None] = field(default_factory=dict)
    _begun: set[_Key] = field(default_factory=set)

    def visit(self, key: _Key) -> None:
        """Add an artifact, its dependencies, and the artifacts in a stage."""
        if key in self._begun or key not in self.artifacts:
            return
        self._begun.add(key)
        artifact = self.artifacts[key]
        for need in _texts(artifact.get("dependencies")):
            self.visit((key[0], need))
        if artifact.get("type") == _ASSEMBLY:
            nested = _nested(key[0], artifact)
            for inner in [other for other in self.artifacts if other[0] == nested]:
                self.visit(inner)
        self.seen[key] = None


def _texts(value: Json) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
