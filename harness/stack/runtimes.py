"""Functions of a template that cannot run here as they run on AWS, told before anything starts."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.files import is_file, is_folder, read_bytes
from harness.functions.host.pythons import OWN, runs_on, version_of
from harness.functions.shared.runtimes import layer_refusal, refusal
from harness.json_types import Json, JsonObject, as_dict
from harness.scenario.position import Problem
from harness.stack.assets import Assets
from harness.stack.function_code import Code, code_problems
from harness.stack.known_values import KnownValues
from harness.stack.lines import Key, TemplateLines
from harness.stack.origins import origins_in
from harness.stack.providers import own_providers
from harness.stack.template import read_template

ONLY_PYTHON = ("moto", "localstack-docker", "localstack-host")
"""The engines on which the harness runs the functions, and no others than Python's."""

_FUNCTIONS = {"AWS::Lambda::Function": "Code", "AWS::Serverless::Function": "CodeUri"}


def runtime_problems(template: Path, parameters: Mapping[str, str], engine: str) -> list[Problem]:
    """Find functions of another runtime, with layers from elsewhere, or with code that their Python lacks.

    What depends on more than `parameters` and their defaults is left to the deployment.

    Raises:
        TemplateError: the template cannot be read.
    """
    if engine not in ONLY_PYTHON:
        return []
    return [*_Functions(template, parameters, on_own=engine == "moto").problems()]


class _Functions:
    """The functions of a template; `on_own`: without the declared Python they run on the harness's own."""

    def __init__(self, path: Path, parameters: Mapping[str, str], *, on_own: bool) -> None:
        self._path = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        self._template = read_template(path)
        self._origins = origins_in(path)
        self._assets = Assets(self._path)
        self._known = KnownValues(self._template, parameters)
        self._on_own = on_own
        self._found: TemplateLines | None = None

    def problems(self) -> Iterator[Problem]:
        """Find what is wrong, function by function."""
        shared = as_dict(as_dict(self._template.get("Globals")).get("Function"))
        for name, resource in as_dict(self._template["Resources"]).items():
            kind = str(as_dict(resource).get("Type"))
            condition = as_dict(resource).get("Condition")
            if kind not in _FUNCTIONS or name in own_providers(self._template):
                continue
            if condition is not None and self._known.condition({"Condition": condition}) is False:
                continue  # it is not made
            own = as_dict(as_dict(resource).get("Properties"))
            properties = {**shared, **own} if kind == "AWS::Serverless::Function" else own
            yield from self._of_function(name, properties, _FUNCTIONS[kind])

    def _of_function(self, name: str, properties: JsonObject, code: str) -> Iterator[Problem]:
        within: tuple[Key, ...] = ("Resources", name, "Properties")
        package = self._known.text(properties.get("PackageType", "Zip")) or "Zip"
        runtime = self._known.text(properties.get("Runtime"))
        wrong = refusal(runtime or "", package) if runtime or package == "Image" else None
        if wrong:
            yield self._problem(name, wrong, *within, "PackageType" if package == "Image" else "Runtime")
            return
        layers = properties.get("Layers") or []
        for n, layer in enumerate(layers if isinstance(layers, list) else [layers]):
            arn = self._known.text(layer) or _written(layer)
            if arn and not self._is_made(layer):
                yield self._problem(name, layer_refusal(arn), *within, "Layers", n)
        version = version_of(runtime or "")
        handler = self._known.text(properties.get("Handler"))
        if not version or not handler or version == OWN or runs_on(runtime or "") == version:
            return
        if found := self._code(properties.get(code), (*within, code)):
            yield from code_problems(
                name, found, handler, version, on_own=self._on_own, elsewhere=bool(layers)
            )

    def _is_made(self, layer: Json) -> bool:
        """Tell whether a layer is one of the template's own."""
        name = as_dict(layer).get("Ref")
        resource = as_dict(as_dict(self._template["Resources"]).get(str(name)))
        return str(resource.get("Type")).endswith("::LayerVersion")

    def _code(self, value: Json, keys: tuple[Key, ...]) -> Code | None:
        """Give the code that is beside the template, or in it."""
        inline = as_dict(value).get("ZipFile") if isinstance(value, dict) else None
        if isinstance(inline, str):
            files = {"index.py": inline.encode()}
            return Code(self._path, files, self._lines().position(*keys, "ZipFile"))
        place = self._assets.local(value, "S3Bucket", "S3Key")
        if place is None:
            return None
        if is_folder(place):
            return Code(place)
        if not is_file(place):
            return None
        if zipfile.is_zipfile(place):  # it can be unzipped, or could not have been packaged
            with zipfile.ZipFile(place) as archive:
                return Code(place, {name: archive.read(name) for name in archive.namelist()})
        return Code(place.parent, {place.name: read_bytes(place)})

    def _problem(self, name: str, wrong: tuple[str, str], *keys: Key) -> Problem:
        message, remedy = wrong
        named = self._origins[name].shown() if self._origins[name].construct else name
        return Problem(self._lines().position(*keys), f"{named}: {message}", remedy)

    def _lines(self) -> TemplateLines:
        self._found = self._found or TemplateLines(self._path)
        return self._found


def _written(layer: Json) -> str:
    """An ARN that holds nothing of the template but pseudo parameters, as it is written; else ""."""
    text = as_dict(layer).get("Fn::Sub")
    return text if isinstance(text, str) and text.startswith("arn:") else ""
