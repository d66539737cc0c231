"""List the unused properties of resources that the embedded engine creates.

    .venv/bin/python tests/engine/unread_properties.py AWS::Lambda AWS::SQS

A property counts as used if the code that creates the resource, in moto or the harness, contains its quoted
name. Listed properties that affect a run belong in `harness/engine/moto/resources/effects.py`.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

from harness.engine.moto import deferred

deferred.install()

from moto.cloudformation.parsing import get_model_map  # noqa: E402

from harness.engine.moto import resources  # noqa: E402
from harness.engine.moto.resources import aws_types  # noqa: E402
from harness.engine.moto.resources.effects import NO_EFFECT  # noqa: E402
from harness.engine.moto.resources.registry import RESOURCES  # noqa: E402


def unread(kind: str) -> list[str]:
    """The properties of a type that are neither read nor declared to have no effect."""
    properties = aws_types.schema(kind).get("properties")
    assert isinstance(properties, dict)
    settable = set(properties) - set(aws_types.read_only(kind))
    makers = {made.TYPE: made for made in RESOURCES}
    code = inspect.getsource(makers.get(kind) or get_model_map()[kind].create_from_cloudformation_json)
    code += "".join(path.read_text() for path in Path(resources.__file__).parents[1].rglob("*.py"))
    said = {entry.path.partition(".")[0] for entry in NO_EFFECT.get(kind, ())}
    return sorted(name for name in settable - said if f'"{name}"' not in code and f"'{name}'" not in code)


if __name__ == "__main__":
    known = {*get_model_map(), *(made.TYPE for made in RESOURCES)}
    for each in sorted(kind for kind in known if kind and kind.startswith(tuple(sys.argv[1:] or ["AWS::"]))):
        if aws_types.schema(each):
            print(f"{each}: {', '.join(unread(each)) or '-'}")
