"""Finds functions in a template that cannot run as they do on AWS, before anything starts."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from harness.cloudformation.sam import function_faults
from harness.files import is_file, is_folder, read_bytes
from harness.functions.host.pythons import OWN, runs_on, version_of
from harness.functions.shared.runtimes import refusal
from harness.image_source import ImageSource
from harness.json_types import Json, JsonObject, as_dict
from harness.scenario.position import Position, Problem
from harness.stack.assets import Assets
from harness.stack.elsewhere import Elsewhere, ElsewhereError, image_remedy
from harness.stack.function_code import Code, code_problems
from harness.stack.known_values import KnownValues
from harness.stack.lines import TemplateLines
from harness.stack.nodes import Key
from harness.stack.origins import origins_in
from harness.stack.providers import own_providers
from harness.stack.public_layers import layer_refusal
from harness.stack.requirements import RequirementsError, distribution, requirements_of
from harness.stack.template import read_template

ONLY_PYTHON = ("moto", "localstack-docker", "localstack-host")
"""Engines on which the harness itself runs the functions. It runs only Python functions."""


def runtime_problems(
    template: Path,
    parameters: Mapping[str, str],
    engine: str,
    layers: Mapping[str, Path] = MappingProxyType({}),
    images: Mapping[str, ImageSource] = MappingProxyType({}),
    answered: Callable[[str], bool] = lambda _: False,
    always: Collection[str] = (),
) -> list[Problem]:
    """Find functions that have a different runtime, unavailable layers, or code that their Python does not
    support.

    The deployment checks everything that depends on more than `parameters` and their defaults. `layers` and
    `images` come from the settings. `answered` returns whether a function, by logical ID, is not run because
    a stand-in responds in its place. If a stand-in `always` responds, the function's code and layers are not
    checked.

    Raises:
        TemplateError: the template cannot be read.
    """
    if engine not in ONLY_PYTHON:
        return []
    functions = _Functions(template, parameters, on_own=engine == "moto")
    return [*functions.problems(layers, images, answered, always)]


class _Functions:
    """Return the functions in a template. With `on_own`, the harness's Python runs functions whose
    declared Python is not installed.
    """

    def __init__(self, path: Path, parameters: Mapping[str, str], *, on_own: bool) -> None:
        self._path = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        self._template = read_template(path, parameters)
        self._origins = origins_in(path)
        self._assets = Assets(self._path)
        self._known = KnownValues(self._template, parameters)
        self._on_own = on_own
        self._found: TemplateLines | None = None

    def problems(
        self,
        layers: Mapping[str, Path],
        images: Mapping[str, ImageSource],
        answered: Callable[[str], bool],
        always: Collection[str],
    ) -> Iterator[Problem]:
        """Find problems, function by function."""
        elsewhere = Elsewhere(self._path, self._template, self._known, layers, images)
        for name, resource in as_dict(self._template["Resources"]).items():
            kind = as_dict(resource).get("Type")
            if kind != "AWS::Lambda::Function" or not self._known.may_be_made(as_dict(resource)):
                continue
            if name in own_providers(self._template) or name in always:
                continue
            try:
                yield from self._of_function(name, as_dict(resource), elsewhere, answered)
            except ElsewhereError as error:
                yield self._problem(name, (str(error), error.remedy), *error.keys, where=error.place)

    def _of_function(
        self, name: str, resource: JsonObject, elsewhere: Elsewhere, answered: Callable[[str], bool]
    ) -> Iterator[Problem]:
        properties = as_dict(resource.get("Properties"))
        within: tuple[Key, ...] = ("Resources", name, "Properties")
        for fault in function_faults(within, name, properties):
            yield Problem(self._lines().position(*fault.keys), fault.message, fault.remedy)
        package = self._known.text(properties.get("PackageType", "Zip")) or "Zip"
        runtime = self._known.text(properties.get("Runtime"))
        image = elsewhere.image(name, resource) if package == "Image" else None
        wrong = refusal(runtime or "", package) if runtime or package == "Image" else None
        if image is not None:
            wrong = refusal(image.runtime)
        elif wrong and package == "Image":
            wrong = wrong[0], image_remedy(name)
        if wrong and answered(name):
            return
        if wrong:
            wrong = wrong[0], f"{wrong[1]}, or define its result: {lines_for_function(name)}"
            yield self._problem(name, wrong, *within, "PackageType" if package == "Image" else "Runtime")
        if wrong or image is not None:
            return
        layers = properties.get("Layers")
        for layer in elsewhere.layers(name, properties):
            if layer.place is None and not layer.harmless:
                yield self._problem(name, layer_refusal(layer.arn), *within, "Layers", layer.index)
        version = version_of(runtime or "")
        handler = self._known.text(properties.get("Handler"))
        if not version or not handler or version == OWN or runs_on(runtime or "") == version:
            return
        if found := self._code(properties.get("Code"), (*within, "Code")):
            yield from code_problems(
                name,
                found,
                handler,
                version,
                on_own=self._on_own,
                elsewhere=bool(layers),
                required=_required(found),
            )

    def _code(self, value: Json, keys: tuple[Key, ...]) -> Code | None:
        """Return the code next to the template, or in it."""
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
        if zipfile.is_zipfile(place):  # it is a valid zip, otherwise packaging would have failed
            with zipfile.ZipFile(place) as archive:
                return Code(place, {name: archive.read(name) for name in archive.namelist()})
        return Code(place.parent, {place.name: read_bytes(place)})

    def _problem(
        self, name: str, wrong: tuple[str, str], *keys: Key, where: Position | None = None
    ) -> Problem:
        message, remedy = wrong
        origin = self._origins.get(name)
        named = origin.shown() if origin is not None and origin.construct else name
        return Problem(where or self._lines().position(*keys), f"{named}: {message}", remedy)

    def _lines(self) -> TemplateLines:
        self._found = self._found or TemplateLines(self._path)
        return self._found


def lines_for_function(name: str) -> str:
    """Return the scenario lines for a stand-in that responds in place of a function."""
    return f"`tasks: [{{function: {name}, result: {{}}}}]`"


def _required(code: Code) -> Collection[str]:
    """The distributions that a function's folder requires."""
    try:
        found = requirements_of(code.root, "any") if code.files is None else None
    except RequirementsError:  # reported during the installation
        return ()
    return {name for each in found.names if (name := distribution(each))} if found else ()
