"""README.md and docs/ show what there is, and lead where they say."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from pathlib import Path

import generated
import pytest
from documentation import (
    DOCS,
    GENERATED,
    PAGES,
    README,
    ROOT,
    blocks,
    commands,
    everything,
    prose,
    text_of,
)
from ruamel.yaml import YAML

from harness import exit_codes
from harness.cli.arguments import parse, parsers
from harness.expect.project import expectations_of
from harness.scenario.discover import discover
from harness.scenario.load import load
from harness.scenario.load import parse as parse_scenario
from harness.settings_reading import load_settings

EXPECTATIONS = expectations_of(load_settings(ROOT, {}))
LINK = re.compile(r"\]\((?!https?:)([^)\s#]*)(#[^)\s]*)?\)")


def called(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def harness_commands(line: str) -> list[str]:
    """The commands of the harness in a line of a shell, which may have several."""
    parts = re.split(r"&&|\||;|[<>]|(?<= -- )", line)
    return [part.strip() for part in parts if part.strip().startswith("harness ")]


TYPED = sorted({command for line in commands() for command in harness_commands(line)})
IN_SHELL = sorted({c for line in commands(("sh",)) for c in harness_commands(line)})


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub and Sphinx make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.*)", prose(page), re.MULTILINE)}


def test_the_first_two_blocks_are_those_that_ci_plays_on_a_fresh_machine() -> None:
    set_up, tests = (block.strip() for block in blocks("sh", README)[:2])
    assert set_up.startswith("python3 -m venv .venv && ")
    assert set_up.endswith(" && .venv/bin/harness run")
    assert tests == ".venv/bin/tox"


@pytest.mark.parametrize("name", generated.PARTS)
def test_each_generated_part_is_in_step(name: str) -> None:
    page, part = generated.PARTS[name]
    assert generated.with_part(text_of(page), name, part()) == text_of(page), "run: python tests/generated.py"


def test_the_picture_of_a_failure_is_in_step() -> None:
    picture = DOCS / "images" / "failure.svg"
    written = picture.read_text(encoding="utf-8")
    assert written == generated.FILES[picture](), "run: python tests/generated.py"
    shown = re.sub(r"<[^>]*>", "", written).replace("&#160;", " ")
    assert "functions/refund_payment.py:13: in handler" in shown
    assert "cdn" not in written
    assert f"]({called(picture)})" in text_of(README)


@pytest.mark.parametrize("page", PAGES, ids=called)
def test_each_link_leads_to_a_page_and_a_heading(page: Path) -> None:
    for target, anchor in LINK.findall(prose(page)):
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), target
        assert not anchor or anchor[1:] in anchors(there), f"{target}{anchor}"


def test_the_text_names_no_place_that_was_in_one_long_page() -> None:
    found = re.findall(r"\[(?:below|above|here)\]\(\S*\.md", everything())
    assert found == []


@pytest.mark.parametrize("page", [page for page in PAGES if page not in GENERATED], ids=called)
def test_a_page_is_not_longer_than_300_lines_and_the_readme_than_150(page: Path) -> None:
    assert len(text_of(page).splitlines()) <= (150 if page == README else 300)


@pytest.mark.parametrize("page", [README, DOCS / "tutorial" / "first-scenario.md"], ids=called)
def test_a_sentence_has_at_most_30_words(page: Path) -> None:
    lines = [line for line in prose(page).splitlines() if not line.startswith(("|", "#", "!"))]
    shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", "\n".join(lines))
    paragraphs = re.split(r"\n\s*\n|\n(?=- )", shown)
    sentences = [sentence for text in paragraphs for sentence in re.split(r"(?<=[.!?:])\s+", text)]
    assert len(sentences) > 30
    assert [sentence for sentence in sentences if len(sentence.split()) > 30] == []


@pytest.mark.parametrize(
    ("language", "read"), [("yaml", YAML().load), ("toml", tomllib.loads), ("python", ast.parse)]
)
def test_each_block_is_what_it_says(language: str, read: object) -> None:
    assert callable(read)
    found = blocks(language)
    assert len(found) > 5
    for block in found:
        read(block)


def test_the_first_scenario_is_the_shipped_one() -> None:
    shipped = (ROOT / "scenarios" / "two-buckets.yaml").read_text(encoding="utf-8")
    assert shipped in blocks("yaml", "how-to/write-a-scenario.md")


@pytest.mark.parametrize("command", TYPED)
def test_every_harness_command_is_one(command: str) -> None:
    arguments = parse(shlex.split(command)[1:])
    if command in IN_SHELL:
        paths = getattr(arguments, "paths", None) or [getattr(arguments, "path", None) or ROOT]
        assert all((ROOT / path).exists() for path in paths)


def test_comments_are_the_marks_of_what_is_generated() -> None:
    noted = [line for line in everything().splitlines() if "<!--" in line or "-->" in line]
    assert [line for line in noted if not re.fullmatch(r"<!-- [\w' ]+: (begin|end) -->", line)] == []


def test_every_tag_that_is_selected_is_there() -> None:
    selected = {tag for command in commands() for tag in re.findall(r"^pytest scenarios .*-m (\w+)", command)}
    assert selected
    scenarios = load(discover([ROOT / "scenarios"]).files, EXPECTATIONS)
    tags = {tag for scenario in scenarios for tag in scenario.tags}
    assert selected <= tags


def test_every_command_of_the_table_is_one_and_the_other_way_round() -> None:
    listed = set(re.findall(r"^\| `harness ([\w-]+)", text_of("reference/command-line.md"), re.MULTILINE))
    assert listed == set(parsers()[1].choices)


def test_every_exit_code_is_in_the_table() -> None:
    codes = {value for value in vars(exit_codes).values() if isinstance(value, int)}
    listed = re.findall(r"^\| (\d+) \|", text_of("reference/exit-codes.md"), re.MULTILINE)
    assert {int(code) for code in listed} == codes


def test_every_row_of_the_engine_table_has_the_reasons_that_are_listed() -> None:
    marks = r"<!-- engine table: begin -->\n(.*)<!-- engine table: end -->"
    between = re.search(marks, text_of("reference/engines.md"), re.DOTALL)
    assert between is not None
    rows = [line.strip("| ").split(" | ") for line in between[1].splitlines()[3:]]
    reasons = tomllib.loads((ROOT / "tests" / "engine" / "reasons.toml").read_text(encoding="utf-8"))
    assert {row[0]: row[-1] for row in rows} == {
        row: "; ".join(f"{engine}: {reason}" for engine, reason in given.items())
        for row, given in reasons.items()
    }


def test_the_rules_that_are_described_are_those_of_the_gate() -> None:
    described = set(re.findall(r"^\| `([\w-]+)` \|", text_of("how-to/gate-findings.md"), re.MULTILINE))
    every = set(re.findall(r"^\| `([\w-]+)` \|", generated.rules(), re.MULTILINE))
    assert described == {rule for rule in every if rule.startswith(("data-loss-", "access-"))}


def test_the_report_of_unused_permissions_names_what_is_in_the_template() -> None:
    (example,) = (block for block in blocks("text") if block.startswith("too broad"))
    template = (ROOT / "lambdas" / "template.yaml").read_text(encoding="utf-8").splitlines()
    shown = re.findall(r"template\.yaml:(\d+): (\S+) on", example)
    assert shown
    assert all(action in template[int(line) - 1] for line, action in shown)


@pytest.mark.parametrize("page", [README, DOCS / "how-to" / "begin.md"], ids=called)
def test_the_scenario_of_orders_is_the_one_that_runs(page: Path) -> None:
    (shown,) = (b for b in blocks("yaml", page) if "A shipped order is not refunded" in b)
    path = generated.ORDERS / "scenarios" / "answer-of-the-carrier-lost.yaml"
    expectations = expectations_of(load_settings(generated.ORDERS, {}))
    (there,) = load([path], expectations)
    here = parse_scenario(shown, expectations)
    assert here.model_dump(exclude={"description"}) == there.model_dump(exclude={"description"})
