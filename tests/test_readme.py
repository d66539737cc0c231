"""What the README shows is what there is."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import generated
import pytest

from harness.cli.arguments import parse
from harness.expect.project import expectations_of
from harness.limits.table import LIMITS
from harness.scenario.discover import discover
from harness.scenario.load import load
from harness.scenario.load import parse as parse_scenario
from harness.settings_reading import load_settings

ROOT = Path(__file__).parents[1]
EXPECTATIONS = expectations_of(load_settings(ROOT, {}))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    lines = (line.split("#")[0].strip() for block in blocks("sh") for line in block.splitlines())
    return [line.removeprefix(".venv/bin/") for line in lines if line]


def test_the_first_two_blocks_are_those_that_ci_plays_on_a_fresh_machine() -> None:
    set_up, tests = (block.strip() for block in blocks("sh")[:2])
    assert set_up.startswith("python3 -m venv .venv && ")
    assert set_up.endswith(" && .venv/bin/harness run")
    assert tests == ".venv/bin/tox"


@pytest.mark.parametrize("name", generated.PARTS)
def test_each_generated_part_is_in_step(name: str) -> None:
    assert generated.with_part(README, name, generated.PARTS[name]()) == README, (
        "run: python tests/generated.py"
    )


def test_the_first_scenario_is_the_shipped_one() -> None:
    assert (ROOT / "scenarios" / "two-buckets.yaml").read_text(encoding="utf-8") in blocks("yaml")


@pytest.mark.parametrize("command", [c for c in commands() if c.startswith("harness ")])
def test_every_harness_command_is_one(command: str) -> None:
    arguments = parse(shlex.split(command)[1:])
    paths = getattr(arguments, "paths", None) or [getattr(arguments, "path", None) or ROOT]
    assert all((ROOT / path).exists() for path in paths)


def test_comments_are_the_marks_of_what_is_generated() -> None:
    noted = [line for line in README.splitlines() if "<!--" in line or "-->" in line]
    assert [line for line in noted if not re.fullmatch(r"<!-- [\w' ]+: (begin|end) -->", line)] == []


def test_every_tag_that_is_selected_is_there() -> None:
    selected = {tag for command in commands() for tag in re.findall(r"^pytest .*-m (\w+)", command)}
    assert selected
    scenarios = load(discover([ROOT / "scenarios"]).files, EXPECTATIONS)
    tags = {tag for scenario in scenarios for tag in scenario.tags}
    assert selected <= tags


def test_every_command_of_the_table_is_one_and_the_other_way_round() -> None:
    listed = set(re.findall(r"^\| `harness ([\w-]+)", README, re.MULTILINE))
    expected = (
        "run validate list up compare sweep lint replay import init record watch gate engines config schema "
        "seed-from completion"
    )
    assert listed == set(expected.split())
    for name in listed:
        with pytest.raises(SystemExit) as ended:
            parse([name, "--help"])
        assert ended.value.code == 0


def test_every_row_of_the_engine_table_has_the_reasons_that_are_listed() -> None:
    between = re.search(r"<!-- engine table: begin -->\n(.*)<!-- engine table: end -->", README, re.DOTALL)
    assert between is not None
    rows = [line.strip("| ").split(" | ") for line in between[1].splitlines()[3:]]
    reasons = tomllib.loads((ROOT / "tests" / "engine" / "reasons.toml").read_text(encoding="utf-8"))
    assert {row[0]: row[-1] for row in rows} == {
        row: "; ".join(f"{engine}: {reason}" for engine, reason in given.items())
        for row, given in reasons.items()
    }


def test_the_table_of_limits_is_that_of_the_code() -> None:
    between = re.search(r"<!-- limits: begin -->\n(.*)<!-- limits: end -->", README, re.DOTALL)
    assert between is not None
    rows = [
        f"| `{limit.id}` | {limit.what} | {f'{limit.most:,}' if limit.most else 'no'} {limit.unit} | "
        f"[{limit.source.rpartition('/')[2]}]({limit.source}) |"
        for limit in LIMITS
    ]
    assert between[1].splitlines()[2:] == rows


def test_the_report_of_unused_permissions_names_what_is_in_the_template() -> None:
    (example,) = (block for block in blocks("text") if block.startswith("too broad"))
    template = (ROOT / "lambdas" / "template.yaml").read_text(encoding="utf-8").splitlines()
    shown = re.findall(r"template\.yaml:(\d+): (\S+) on", example)
    assert shown
    assert all(action in template[int(line) - 1] for line, action in shown)


def test_the_scenario_of_orders_is_the_one_that_runs() -> None:
    (shown,) = (block for block in blocks("yaml") if "An order that was shipped is not refunded" in block)
    path = generated.ORDERS / "scenarios" / "answer-of-the-carrier-lost.yaml"
    expectations = expectations_of(load_settings(generated.ORDERS, {}))
    (there,) = load([path], expectations)
    here = parse_scenario(shown, expectations)
    assert here.model_dump(exclude={"description"}) == there.model_dump(exclude={"description"})
