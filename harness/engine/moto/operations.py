"""The operations that moto supports.

They are read from moto's sources, because importing all services takes seconds.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import moto
from botocore.model import OperationModel
from moto.core.utils import camelcase_to_underscores

from harness.stepfunctions.parameters import FIELDS

_FOLDERS: Final = {"lambda": "awslambda"}
_OF_HARNESS: Final = frozenset({"lambda", "s3"})
"""REST services for which the harness implements some operations itself."""
_OWN_WAYS: Final = ("dispatch", "call_action", "_get_action")
"""Methods that moto uses to find the method for an operation.

A service that overrides one of them names its methods differently.
"""
_KEY: Final = re.compile(r"""r?["']([^"']+)["']:\s*[\w.()]+""")
_HANDLER: Final = re.compile(r"""["']:\s*([\w.()]+)""")


def implemented(operation: OperationModel) -> bool:
    """Return whether moto supports an operation.

    In a REST service, operations are identified by paths, and moto may select methods in other ways. For such
    a service, an operation is supported if its path is known.
    """
    model = operation.service_model
    if model.service_name == "stepfunctions":  # the harness implements it
        return operation.name in FIELDS
    sources = _sources(model.service_name)
    if not sources or model.service_name in _OF_HARNESS:
        return bool(sources)
    if not _by_name(model.service_name, model.protocol):
        paths = _paths(model.service_name)
        asked = re.sub(r"\{[^}]*\}", "x", operation.http["requestUri"].partition("?")[0])
        return not paths or any(re.fullmatch(path, asked) for path in paths)
    return f"def {camelcase_to_underscores(operation.name)}(" in sources


@cache
def _by_name(service: str, protocol: str) -> bool:
    """Return whether moto implements each operation of a service in a method with the same name."""
    if not protocol.startswith("rest"):
        return True
    if any(f"def {name}(" in _sources(service) for name in _OWN_WAYS):
        return False
    urls = (_folder(service) / "urls.py").read_text()
    handlers: list[str] = _HANDLER.findall(urls[urls.index("url_paths") :])
    return bool(handlers) and all(handler.endswith(".dispatch") for handler in handlers)


@cache
def _sources(service: str) -> str:
    """Return the sources that implement a service, or "" if moto does not support it."""
    folder = _folder(service)
    files = [folder / "responses.py", *sorted((folder / "responses").glob("*.py"))]
    return "\n".join(file.read_text() for file in files if file.is_file())


@cache
def _paths(service: str) -> tuple[str, ...]:
    """Return the path patterns for a service. Empty if any of them cannot be determined."""
    urls = (_folder(service) / "urls.py").read_text()
    keys: list[str] = _KEY.findall(urls[urls.index("url_paths") :])
    if not all(key.startswith("{0}") for key in keys):
        return ()
    return tuple(key.removeprefix("{0}").removesuffix("$") for key in keys)


def _folder(service: str) -> Path:
    return Path(moto.__file__).parent / _FOLDERS.get(service, service.replace("-", ""))
