"""Zips code with its requirements, like `sam build`. Never writes to the user's folder.

SAM builds the functions of its templates, and layers that have a BuildMethod. `aws cloudformation package`
builds nothing. For its templates, set `build = true` in `[tool.harness]`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.files import is_folder
from harness.functions.host.pythons import runs_on, version_of
from harness.json_types import Json, JsonObject, as_dict
from harness.stack.archive import zipped, zipped_files
from harness.stack.dockerfile import Image
from harness.stack.install_tool import InstallError
from harness.stack.installing import Notice, Target, installed, is_installed, runtime_versions
from harness.stack.requirements import Method, Requirements, RequirementsError, missing, requirements_of

FUNCTION: Final = "AWS::Lambda::Function"
LAYER: Final = "AWS::Lambda::LayerVersion"
BUILT: Final = ".aws-sam"
"""The output folder of `sam build`."""
LEFT_OUT: Final = (
    *(".aws-sam", ".chalice", ".git", ".gitignore", "*.pyc", "*.so", ".Python", "*.egg-info", "*.egg"),
    *("pip-log.txt", "pip-delete-this-directory.txt", "htmlcov", ".tox", ".nox", ".coverage", ".cache"),
    *(".pytest_cache", ".python-version", ".mypy_cache", ".dmypy.json", ".pyre", ".env", ".venv", "venv"),
    *("venv.bak", "env.bak", "ENV", "env", ".uv-cache", "uv.lock.bak", ".vscode", ".idea"),
)
"""Names of source files and folders that SAM's builds leave out.

Source: EXCLUDED_FILES in aws_lambda_builders/workflows/python_pip and python_uv in
https://github.com/aws/aws-lambda-builders
"""
_SAM_HASH: Final = re.compile(r"[0-9a-f]{10}$")
"""SAM's translator appends a hash of the layer to the layer's logical ID."""
_PYTHON: Final = re.compile(r"python3\.\d+")


class BuildError(Exception):
    """Code cannot be built. `remedy` says how to fix this."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy: Final = remedy


@dataclass(frozen=True)
class Build:
    """The method for building code.

    Attributes:
        subject: the function or layer name to show to the user.
        runtime: the runtime of a function, such as `python3.13`.
        method: selects the requirements file.
        prefix: a folder in the zip.
    """

    subject: str
    runtime: str
    method: Method
    prefix: str = ""


@dataclass(frozen=True)
class Builder:
    """Builds code for one engine.

    `notice` receives a message before each installation, including the package source. With `on_own`,
    functions run on their declared Python version if it is installed, and on the harness's Python otherwise.
    Without `on_own`, they always run on the declared version. Without `installing`, requirements that are not
    cached are left out, which is enough to check a template. `notice` then receives their names. With `off`,
    all requirements are left out.
    """

    notice: Notice
    on_own: bool = True
    installing: bool = True
    off: bool = False

    def built(self, folder: Path, build: Build) -> bytes:
        """Zip the files in a folder together with its requirements. Requirements are installed only once.

        Raises:
            ArchiveError: a file in the folder cannot be packaged.
            BuildError: the requirements cannot be read or installed.
        """
        below = b""
        try:
            if requirements := requirements_of(folder, build.method):
                below = self._installed(requirements, folder, build)
        except RequirementsError as error:
            raise BuildError(str(error), "") from error
        return zipped(folder, below=below, prefix=build.prefix, without=LEFT_OUT)

    def built_image(self, name: str, image: Image, folder: Path) -> bytes:
        """Zip the task root of an image. Raises the same errors as `built`."""
        build = Build(f"function {name}", image.runtime, "any")
        requirements = image.requirements
        below = self._installed(requirements, folder, build) if requirements else b""
        return zipped_files(folder, image.files, below=below)

    def _installed(self, requirements: Requirements, folder: Path, build: Build) -> bytes:
        declared = version_of(build.runtime)
        python = runs_on(build.runtime) if self.on_own else declared
        if self.off or not missing(requirements, folder, runtime_versions(python)):
            return b""
        target = Target(build.subject, python, declared, build.prefix)
        if not self.installing and not is_installed(requirements, target):
            self.notice(f"{build.subject}: {', '.join(requirements.names)}")
            return b""
        try:
            return installed(requirements, target, self.notice)
        except InstallError as error:
            raise BuildError(str(error), error.remedy) from error


def build_of(
    name: str, resource: JsonObject, runtime: str, *, sam: bool, setting: bool | None = None
) -> Build | None:
    """Return the build for a function or layer. None if its code is packaged unchanged.

    Args:
        runtime: the `Runtime` of a function, if it is known.
        sam: the template is a SAM template.
        setting: `build` from the settings.

    Raises:
        BuildError: its BuildMethod is not a Python build method.
    """
    metadata = as_dict(resource.get("Metadata"))
    if setting is False or not (sam or setting) or _is_true(metadata.get("SkipBuild")):
        return None
    method = metadata.get("BuildMethod")
    if resource.get("Type") == FUNCTION:
        if not version_of(runtime):
            return None  # other runtimes are rejected with a message that contains their name
        if method is None or _PYTHON.fullmatch(str(method)):
            return Build(f"function {name}", runtime, "pip" if sam else "any")
        if method == "python-uv":
            return Build(f"function {name}", runtime, "uv")
        raise _refused(str(method))
    if resource.get("Type") != LAYER or method is None:
        return None
    if method == "makefile":
        raise _refused("makefile")
    if sam:
        name = _SAM_HASH.sub("", name)
    compatible = as_dict(resource.get("Properties")).get("CompatibleRuntimes")
    if method == "python-uv" and isinstance(compatible, list) and compatible:
        return Build(f"layer {name}", str(compatible[0]), "uv", "python")
    if _PYTHON.fullmatch(str(method)):
        return Build(f"layer {name}", str(method), "pip", "python")
    return None  # a layer for functions that the harness does not run


def is_buildable(path: Path) -> bool:
    """Return whether the code at a path is source code: a folder that `sam build` has not created."""
    return is_folder(path) and BUILT not in path.absolute().parts


def _is_true(value: Json) -> bool:
    return value is True or str(value).lower() == "true"


def _refused(method: str) -> BuildError:
    return BuildError(
        f"BuildMethod {method} is not supported",
        "run `sam build`: the harness then uses its output in .aws-sam/build",
    )
