"""The order in which an update of a stack adds, changes and removes resources: CloudFormation's.

Replaced in moto.cloudformation.parsing: `ResourceMap.update`, which removes first and changes last, in the
template's order, and leaves alone what refers to a resource that is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudformation import parsing

from harness.cloudformation.order import dependencies, in_order
from harness.engine.moto.stack_templates import validation
from harness.json_types import JsonObject


def _update(self: Any, template: dict[str, Any], parameters: Any = None) -> None:
    """Add and change resources, each after those that it needs, and remove the others at the end."""
    actions = self.build_resource_diff(template, parameters)
    removed = {name: self._resource_json_map[name] for name in actions["Remove"]}
    declared = template["Resources"]
    needs = dependencies(declared)
    with validation():
        order = in_order(needs)
    before = _values(self, _depending(order, needs, {*actions["Modify"]}) & self._parsed_resources.keys())
    self._template, self._resource_json_map = template, declared
    for name in order:
        if name not in self._parsed_resources:
            _ = self[name]  # makes it
        elif name in actions["Modify"] or (name in before and before[name] != _value(self, name)):
            self._parsed_resources[name] = parsing.parse_and_update_resource(
                name, declared[name], self, account_id=self._account_id, region_name=self._region_name
            )
    for name in [each for each in reversed(self._parsed_resources) if each in removed]:
        made = self._parsed_resources.pop(name)
        if made is not None and not removed[name].get("DeletionPolicy", "").startswith("Retain"):
            self._delete_resource(made, removed[name])


def _depending(order: list[str], needs: Mapping[str, tuple[str, ...]], changed: set[str]) -> set[str]:
    """The resources that are not changed themselves and need one that is, through others too."""
    found: set[str] = set()
    for name in order:
        if name not in changed and (changed | found).intersection(needs[name]):
            found.add(name)
    return found


def _values(resources: Any, names: set[str]) -> dict[str, Any]:
    return {name: _value(resources, name) for name in names}


def _value(resources: Any, name: str) -> Any:
    """The properties of a resource, with what they refer to as it is now."""
    declared: JsonObject = resources._resource_json_map[name]
    return parsing.clean_json(declared.get("Properties", {}), resources)


def install() -> None:
    """Patch moto in this process."""
    patched: Any = parsing.ResourceMap
    patched.update = _update
