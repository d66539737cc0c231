"""Run the contract on each engine, and write the differences into the documentation.

    python -m venv venv && venv/bin/pip install -e '.[ministack]' pytest
    venv/bin/harness engines install localstack          # and again with --version 4.14.0
    venv/bin/python tests/engine/table.py

A behaviour is a test in `test_contract_*.py`. A row's text is that test's name. The reasons why engines miss
behaviours are in `reasons.toml`, which contains nothing else.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
REASONS = Path(__file__).with_name("reasons.toml")
BEGIN, END = "<!-- engine table: begin -->", "<!-- engine table: end -->"
Behaviour = tuple[str, str]
"""The area of a behaviour, and its row text."""
Outcomes = dict[Behaviour, list[str]]
"""Outcomes of its cases: held, missed or skipped."""
Reasons = Mapping[str, Mapping[str, str]]
"""By row text, and by the engine name at the start of the column title."""


def engines() -> dict[str, tuple[str, Mapping[str, str]]]:
    """By column title: the engine's name, and the variables that choose its version."""
    localstack = {
        f"LocalStack {version}": ("localstack-host", {"HARNESS_LOCALSTACK_VERSION": version})
        for version in ("2026.3.0", "4.14.0")
    }
    return {
        f"moto {metadata.version('moto')}": ("moto", {}),
        **localstack,
        f"MiniStack {metadata.version('ministack')}": ("ministack", {}),
    }


def hold(engine: str, variables: Mapping[str, str]) -> Outcomes:
    """Run the contract tests on an engine."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        tests = sorted(str(path) for path in (ROOT / "tests" / "engine").glob("test_contract_*.py"))
        command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider", *tests]
        done = subprocess.run(
            [*command, "--harness-engine", engine, "--junitxml", str(report)],
            cwd=ROOT,
            env={**os.environ, **variables},
            check=False,
        )
        if done.returncode not in (0, 1):  # all passed, some failed
            sys.exit(f"the contract could not be held against {engine}")
        return outcomes(report)


def outcomes(report: Path) -> Outcomes:
    """Outcomes of each behaviour's cases, from a JUnit report."""
    found: Outcomes = {}
    for case in ET.parse(report).iter("testcase"):
        if (error := case.find("error")) is not None:
            sys.exit(f"{case.get('name')} could not be run: {error.get('message')}")
        area = case.get("classname", "").rpartition("test_contract_")[2].replace("_", " ")
        says = case.get("name", "").partition("[")[0].removeprefix("test_").replace("_", " ")
        ended = "missed" if case.find("failure") is not None else "held"
        found.setdefault((area, says), []).append("skipped" if case.find("skipped") is not None else ended)
    return found


def cell(ended: Sequence[str]) -> str:
    """The table cell for one engine."""
    held, missed = ended.count("held"), ended.count("missed")
    if not held + missed:
        return "skipped"
    if held and missed:
        return f"{held} of {held + missed}"
    return "yes" if held else "no"


def why(row: str, cells: Mapping[str, str], reasons: Reasons) -> str:
    """Reasons for engines that miss a behaviour. Exits if a reason is missing, or if the engine has the
    behaviour.
    """
    lacking = {title for title, cell in cells.items() if cell != "yes"}
    given = reasons.get(row, {})
    for title in lacking:
        if not any(title.startswith(engine) for engine in given):
            sys.exit(f"{REASONS}: why does {title} miss {row!r}?")
    for engine in given:
        if not any(title.startswith(engine) for title in lacking):
            sys.exit(f"{REASONS}: {engine} does not miss {row!r} any more")
    return "; ".join(f"{engine}: {reason}" for engine, reason in given.items())


def table(seen: Mapping[str, Outcomes], reasons: Reasons) -> str:
    """The number of behaviours per engine, and the behaviours that some engines miss, with reasons."""
    behaviours = sorted({behaviour for outcome in seen.values() for behaviour in outcome})
    cells = {b: [cell(outcome.get(b, [])) for outcome in seen.values()] for b in behaviours}
    counts = [str([row[n] for row in cells.values()].count("yes")) for n in range(len(seen))]
    missed = {f"{area}: {says}": row for (area, says), row in cells.items() if set(row) != {"yes"}}
    if unused := reasons.keys() - missed:
        sys.exit(f"{REASONS}: nobody misses {', '.join(sorted(unused))}")
    rows = [
        ["behaviour", *seen, "why"],
        ["---"] * (len(seen) + 2),
        [f"held, of {len(behaviours)}", *counts, ""],
        *(
            [says, *row, why(says, dict(zip(seen, row, strict=True)), reasons)]
            for says, row in missed.items()
        ),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Rewrite the table in the documentation."""
    seen = {title: hold(*engine) for title, engine in engines().items()}
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    page = ROOT / "docs" / "reference" / "engines.md"
    text = page.read_text(encoding="utf-8")
    between = re.compile(f"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)})", re.DOTALL)
    written, count = between.subn(lambda _: f"{table(seen, reasons)}\n", text)
    if count != 1:
        sys.exit(f"{page} has no {BEGIN} ... {END}")
    page.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
