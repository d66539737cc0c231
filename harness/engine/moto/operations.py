"""The operations of services that moto has, read from its sources: importing all of them takes seconds."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import moto
from botocore.model import OperationModel
from moto.core.utils import camelcase_to_underscores

from harness.stepfunctions.parameters import FIELDS

_FOLDERS: Final = {"lambda": "awslambda"}


def implemented(operation: OperationModel) -> bool:
    """Tell if moto has an operation.

    A service whose operations are paths (REST) finds its methods in many ways: of such a one, all count.
    """
    model = operation.service_model
    if model.service_name == "stepfunctions":  # answered by the harness itself
        return operation.name in FIELDS
    sources = _sources(model.service_name)
    if not sources or model.protocol.startswith("rest"):
        return bool(sources)
    return f"def {camelcase_to_underscores(operation.name)}(" in sources


@cache
def _sources(service: str) -> str:
    """Give the sources that answer the requests of a service; empty when moto does not have it."""
    folder = Path(moto.__file__).parent / _FOLDERS.get(service, service.replace("-", ""))
    files = [folder / "responses.py", *sorted((folder / "responses").glob("*.py"))]
    return "\n".join(file.read_text() for file in files if file.is_file())
