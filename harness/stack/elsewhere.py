"""Local replacements for code that a template only refers to: layers by ARN, and container images."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from harness.cloudformation.faults import Key
from harness.files import is_file, is_folder, is_there
from harness.functions.shared.runtimes import PYTHONS
from harness.image_source import ImageSource
from harness.json_types import Json, JsonObject, as_dict
from harness.scenario.position import Position
from harness.stack.dockerfile import TASK_ROOT, DockerfileError, Image, read_dockerfile
from harness.stack.known_values import KnownValues
from harness.stack.public_layers import command_for, known_layer

DOCKERFILE: Final = "Dockerfile"
_SAM: Final = "DockerContext", "Dockerfile"
_CDK: Final = "aws:asset:path", "aws:asset:dockerfile-path"
"""Metadata keys for the folder and the Dockerfile, in SAM templates and in the output of `cdk synth`.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build.html
and aws-cdk-lib/cx-api/lib/assets.ts in https://github.com/aws/aws-cdk
"""
_ASSET_OF: Final = "aws:asset:property"
_INSTEAD: Final = (
    'write images = {{{name} = {{code = "./{name}", handler = "app.handler", runtime = "{python}"}}}}'
)


class ElsewhereError(Exception):
    """A code replacement cannot be used. `keys` or `place` locates the line that causes the problem."""

    def __init__(
        self, message: str, remedy: str, *, keys: tuple[Key, ...] = (), place: Position | None = None
    ) -> None:
        super().__init__(message)
        self.remedy: Final = remedy
        self.keys: Final = keys
        self.place: Final = place


@dataclass(frozen=True)
class Layer:
    """A layer that a function refers to by ARN. `place` is its local replacement, if any.

    `harmless` explains why the function returns the same result without the layer.
    """

    index: int
    arn: str
    place: Path | None = None
    harmless: str = ""


@dataclass(frozen=True)
class ImageCode:
    """Local code for a container image: the files in `folder` that `image` lists. If `image` is None, all
    files are used.
    """

    folder: Path
    handler: str
    runtime: str
    image: Image | None = None


class Elsewhere:
    """Return the layers and images in the template `path`, with replacements from the settings and
    Dockerfiles.
    """

    def __init__(
        self,
        path: Path,
        template: JsonObject,
        known: KnownValues,
        layers: Mapping[str, Path],
        images: Mapping[str, ImageSource],
    ) -> None:
        self.path = path
        self._resources = as_dict(template.get("Resources"))
        self._known = known
        self._layers = layers
        self._images = images

    def layers(self, name: str, properties: JsonObject) -> Iterator[Layer]:
        """Return a function's layers that the template does not declare, if their ARNs are known.

        Raises:
            ElsewhereError: the replacement in the settings does not exist.
        """
        listed = properties.get("Layers")
        for index, value in enumerate(listed if isinstance(listed, list) else []):
            if arn := "" if self._is_made(value) else self._arn(value):
                yield self._layer(name, index, arn)

    def image(self, name: str, resource: JsonObject) -> ImageCode | None:
        """Return the local code for a function's container image: from the settings, or from SAM's or CDK's
        Metadata.

        Raises:
            ElsewhereError: it cannot be used.
        """
        metadata = as_dict(resource.get("Metadata"))
        config = as_dict(as_dict(resource.get("Properties")).get("ImageConfig"))
        source = self._images.get(name)
        context, dockerfile = _CDK if metadata.get(_ASSET_OF) == "Code.ImageUri" else _SAM
        if source is None and context not in metadata:
            return None
        self._check(name, config)
        if source is None:
            folder = self.path.parent / str(metadata[context])
            file = folder / str(metadata.get(dockerfile) or DOCKERFILE)
            keys: tuple[Key, ...] = ("Resources", name, "Metadata", context)
            found = self._read(name, folder, file, keys)
        elif source.handler and source.runtime:
            self._find(name, source.code, ())
            found = ImageCode(source.code, source.handler, source.runtime)
        else:
            self._find(name, source.code, ())
            read = self._read(name, source.code, source.code / DOCKERFILE, ())
            found = ImageCode(
                source.code, source.handler or read.handler, source.runtime or read.runtime, read.image
            )
        command = config.get("Command")
        handler = str(command[0]) if isinstance(command, list) and command else found.handler
        if not handler:
            raise ElsewhereError(
                "neither CMD nor ImageConfig defines its handler",
                f"{_instead(name)} in [tool.harness]",
                keys=("Resources", name),
            )
        return ImageCode(found.folder, handler, found.runtime, found.image)

    def _layer(self, name: str, index: int, arn: str) -> Layer:
        for pattern, place in self._layers.items():
            if fnmatchcase(arn, pattern):
                if not is_there(place):
                    shown = os.path.relpath(place)
                    raise ElsewhereError(
                        f"layers in [tool.harness] replaces {arn} with {shown}, which does not exist",
                        f"create it: {command_for(arn, shown)}",
                        keys=("Resources", name, "Properties", "Layers", index),
                    )
                return Layer(index, arn, place)
        known = known_layer(arn)
        return Layer(index, arn, harmless=known.harmless if known is not None else "")

    def _is_made(self, layer: Json) -> bool:
        """Return whether the template declares a layer."""
        resource = as_dict(self._resources.get(str(as_dict(layer).get("Ref"))))
        return str(resource.get("Type")).endswith("::LayerVersion")

    def _arn(self, value: Json) -> str:
        """Return an ARN, with `${...}` for parts that are unknown before the deployment. "" if it is not
        an ARN.
        """
        text = self._known.text(value)
        if text is None:
            text = _written(value)
        return text if text.startswith(("arn:", "${AWS::Partition}")) and ":layer:" in text else ""

    def _check(self, name: str, config: JsonObject) -> None:
        folder = config.get("WorkingDirectory")
        odd = "EntryPoint" if "EntryPoint" in config else "WorkingDirectory"
        if "EntryPoint" in config or folder not in (None, TASK_ROOT, f"{TASK_ROOT}/"):
            raise ElsewhereError(
                f"ImageConfig.{odd} is not supported",
                "remove it, or replace the function with a Python function that returns the same results",
                keys=("Resources", name, "Properties", "ImageConfig", odd),
            )

    def _find(self, name: str, folder: Path, keys: tuple[Key, ...]) -> None:
        if not is_folder(folder):
            raise ElsewhereError(
                f"folder {os.path.relpath(folder)} not found",
                "paths are relative to pyproject.toml, or to the template",
                keys=keys or ("Resources", name),
            )

    def _read(self, name: str, folder: Path, file: Path, keys: tuple[Key, ...]) -> ImageCode:
        self._find(name, folder, keys)
        if not is_file(file):
            raise ElsewhereError(
                f"{os.path.relpath(file)} not found", f"{_instead(name)} in [tool.harness]", keys=keys
            )
        try:
            image = read_dockerfile(file, folder)
        except DockerfileError as error:
            raise ElsewhereError(
                f"{error}",
                f"specify the folder with its Python code: {_instead(name)} in [tool.harness]",
                place=Position(Path(os.path.relpath(error.file)), error.line, 1),
            ) from error
        return ImageCode(folder, image.handler, image.runtime, image)


def image_remedy(name: str) -> str:
    """Return the remedy for a container image without local code."""
    return (
        f"{_instead(name)} in [tool.harness], or replace it with a Python function that returns the same "
        "results"
    )


def _instead(name: str) -> str:
    return _INSTEAD.format(name=name, python=PYTHONS[-3])


def _written(value: Json) -> str:
    """Return a value with intrinsic functions as a string, in which references are written as `${...}`."""
    if isinstance(value, str):
        return value
    function, argument = next(iter(as_dict(value).items()), ("", None))
    if function == "Ref":
        return f"${{{argument}}}"
    if function == "Fn::Sub":
        text = argument[0] if isinstance(argument, list) and argument else argument
        return text if isinstance(text, str) else ""
    if function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:
        separator, parts = argument
        if isinstance(separator, str) and isinstance(parts, list):
            return separator.join(map(_written, parts))
    return ""
