"""The wording checker: each rule finds its bad example but not the good one, in every kind of text."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENT: dict[str, Any] = tomllib.loads((ROOT / ".ci" / "wording.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wording() -> Iterator[ModuleType]:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("wording", ROOT / ".ci" / "wording.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, spec.name, module)  # for its dataclasses
        spec.loader.exec_module(module)
        yield module


@pytest.mark.parametrize("rule", DOCUMENT["rule"], ids=[rule["bad"] for rule in DOCUMENT["rule"]])
def test_a_rule_refuses_its_bad_example_and_not_the_good_one(wording: ModuleType, rule: Any) -> None:
    (compiled,) = wording.rules_of({"rule": [rule]})
    kind = rule.get("kinds", ["page"])[0]
    assert list(wording.findings([wording.Text(kind, 1, rule["bad"])], [compiled], []))
    everything = wording.rules_of(DOCUMENT)
    assert not list(wording.findings([wording.Text(kind, 1, rule["good"])], everything, []))


def test_each_kind_of_text_is_read_and_code_is_not(wording: ModuleType, tmp_path: Path) -> None:
    rules = wording.rules_of({"rule": [{"refuse": "anew", "write": "again"}]})
    module, page = tmp_path / "a.py", tmp_path / "a.md"
    module.write_text(
        '"""It starts anew.\n\nand anew."""\nx = 1  # then anew\nraise ValueError(f"start {x} anew now")\n'
        'anew = "anew"\n"""An attribute `anew`.\n\n>>> anew\n1\n"""\n'
    )
    page.write_text("It starts\nanew.\n\n```sh\nanew\n```\n\n`anew` [here](anew.md)\n")
    lines = [line for line, _ in wording.findings(wording.texts_of(module), rules, [])]
    assert sorted(lines) == [1, 3, 4, 5]
    assert [line for line, _ in wording.findings(wording.texts_of(page), rules, [])] == [2]
    assert not list(wording.findings(wording.texts_of(page), rules, ["starts\nanew"]))


def test_all_files_of_the_repository_are_read(wording: ModuleType) -> None:
    files = [path.relative_to(ROOT).as_posix() for path in wording._files(DOCUMENT["folders"])]
    assert sum(path.startswith("harness/") for path in files) > 1000
    assert {"README.md", "docs/index.md", "tests/test_wording.py", ".ci/wording.py", "conftest.py"} <= set(
        files
    )


def test_the_command_names_the_place_and_what_to_write(
    wording: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "a.md"
    page.write_text("The first line.\nIt starts anew.\n")
    assert wording.main([str(page)]) == 1
    assert capsys.readouterr().out == f"{page}:2: 'anew': write 'again', or 'a new ...'\n"
    page.write_text("It starts again.\n")
    assert wording.main([str(page)]) == 0
