"""The third workflow: initial data is added, and remaining data is read and compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import generated
import pytest

from harness.expect import BUILT_IN
from harness.pytest_plugin import harness_session
from harness.report.model import Result
from harness.scenario.load import load, parse
from harness.scenario.model import Scenario
from harness.settings_reading import load_settings

IMPORTS = Path(__file__).parents[2] / "examples" / "imports"
SETTINGS = load_settings(IMPORTS, {})


def test_its_schema_is_in_step() -> None:
    path = IMPORTS / "scenarios" / "schema.json"
    assert path.read_text(encoding="utf-8") == generated.FILES[path](), "run: python tests/generated.py"


def play(request: pytest.FixtureRequest, name: str, *changes: tuple[str, str]) -> Result:
    (scenario,) = load([IMPORTS / "scenarios" / f"{name}.yaml"], BUILT_IN)
    return harness_session(request.config).run(changed(scenario, *changes), SETTINGS)


def changed(scenario: Scenario, *changes: tuple[str, str]) -> Scenario:
    """The scenario with changed text in its file."""
    text = scenario.source.text
    for old, new in changes:
        assert text.count(old) == 1, f"{scenario.path} has changed: adapt this test"
        text = text.replace(old, new)
    return parse(text, BUILT_IN, scenario.path)


@pytest.mark.parametrize("name", sorted(path.stem for path in (IMPORTS / "scenarios").glob("*.yaml")))
def test_it_passes_as_it_is(request: pytest.FixtureRequest, name: str) -> None:
    result = play(request, name)
    assert (result.outcome, result.reason) == ("passed", ""), [each.summary for each in result.mismatches]
    assert [note for note in result.notes if note.heading == "events"] == []


def test_what_is_left_differs_in_each_kind(request: pytest.FixtureRequest) -> None:
    result = play(
        request,
        "orders-imported",
        ("cents: 800", "cents: 100"),
        ("rules: [WhenImported]", "rules: []"),
    )
    said = [f"{each.where.line}: {each.expectation}: {each.summary}" for each in result.mismatches]
    assert [each.partition(" (")[0].partition("; the nearest")[0] for each in said] == [
        '24: items: table Orders: no item like {"order_id":"1","cents":500,"currency":"EUR"}',
        '27: queues: queue Rejected: message "'
        '{\\"cents\\":\\"500\\",\\"order_id\\":\\"1\\",\\"customer\\":\\"anna\\"}": not expected',
        '34: objects: bucket Uploads: object "reports/run-1.json": the JSON has orders[0].stored false, '
        "not true",
        "41: events: event imports, Imported: the rules that match it are WhenImported, not none",
    ]
    assert [each.expected != each.seen for each in result.mismatches] == [True] * 4


def test_an_event_that_no_rule_takes_is_told(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    text = (IMPORTS / "template.yaml").read_text(encoding="utf-8")
    assert text.count("detail-type: [Imported]") == 1
    template.write_text(text.replace("detail-type: [Imported]", "detail-type: [imported]"), encoding="utf-8")
    (tmp_path / "import.asl.json").write_text((IMPORTS / "import.asl.json").read_text(encoding="utf-8"))
    (scenario,) = load([IMPORTS / "scenarios" / "orders-imported.yaml"], BUILT_IN)
    result = harness_session(request.config).run(scenario, replace(SETTINGS, template=template))
    assert [each.summary for each in result.mismatches] == [
        "queue Audit: expected 1 messages, seen 0",
        "event imports, Imported: the rules that match it are none, not WhenImported",
    ]
    (note,) = [note for note in result.notes if note.heading == "events"]
    assert (note.subject, note.text) == (
        "imports, Imported",
        "no rule on bus Bus matches it, so it is not delivered (1 event)",
    )
