"""HTTP Tasks without a host are rejected before the run, with the lines to paste."""

from __future__ import annotations

from typing import Any

import pytest

from harness.expect import BUILT_IN
from harness.scenario.load import parse
from harness.stack.model import Stack
from harness.stand_ins import Answered, lines_for

HTTP = "arn:aws:states:::http:invoke"
FIXED = {"ApiEndpoint": "https://API.example.com/v1/orders?x=1", "Method": "POST"}


def machine(parameters: dict[str, Any], key: str = "Parameters") -> Any:
    states = {
        "Send": {"Type": "Task", "Resource": HTTP, key: parameters},
        "Read": {"Type": "Pass", "Parameters": {"a.$": "$.ResponseBody.id"}},
    }
    return {"States": states}


def answers(hosts: str, definition: Any) -> bool:
    scenario = parse(f"title: t\n{hosts}\nexpect: {{polls: 0}}", BUILT_IN)
    return Answered(scenario, Stack("s", {}, {})).has("Send", definition, ["run-1"])


@pytest.mark.parametrize(
    ("hosts", "definition", "answered"),
    [
        ("hosts: {api.example.com: [{}]}", machine(FIXED), True),
        ("hosts: {api.example.com: [{}]}", machine(FIXED, "Arguments"), True),
        ("hosts: {other.example.com: [{}]}", machine(FIXED), False),
        ("hosts: {other.example.com: [{}]}", machine({"ApiEndpoint.$": "$.url"}), True),
        ("hosts: {other.example.com: [{}]}", machine({"ApiEndpoint": "{% $url %}"}, "Arguments"), True),
        ("tags: []", machine({"ApiEndpoint.$": "$.url"}), False),
        ("tasks: [{state: Send, result: {}}]", machine(FIXED), True),
    ],
)
def test_a_host_answers_its_tasks(hosts: str, definition: Any, answered: bool) -> None:
    assert answers(hosts, definition) is answered


def test_the_lines_name_host_method_and_path() -> None:
    lines = lines_for("Send", HTTP, machine(FIXED))
    assert lines == '  hosts:\n    api.example.com:\n      - {method: POST, path: "/v1/orders", json: {}}'
    pasted = parse(f"title: t\n{lines.replace('  hosts', 'hosts', 1)}\nexpect: {{polls: 0}}", BUILT_IN)
    assert list(pasted.hosts) == ["api.example.com"]


def test_a_host_that_is_not_known_yet_is_to_be_named() -> None:
    lines = lines_for("Send", HTTP, machine({"ApiEndpoint.$": "$.url", "Method": "GET"}))
    assert lines == "  hosts:\n    api.example.com:\n      - {method: GET, json: {}}"
