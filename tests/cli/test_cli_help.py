"""Help, and messages for unknown words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import minimal_project
import pytest
from minimal_project import scenario

from harness.cli import main
from harness.cli.arguments import parse, parsers
from harness.cli.completing.words import Command, commands_of
from harness.cli.examples import EXAMPLES
from harness.exit_codes import WRONG


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return minimal_project.project(tmp_path, orders=scenario("An order", more="tags: [slow]\n"))


def names(commands: list[Command], before: str = "") -> Iterator[str]:
    """The commands and their actions."""
    for each in commands:
        yield f"{before}{each.name}"
        yield from names(list(each.actions), f"{each.name} ")


def test_each_command_has_examples():
    assert set(EXAMPLES) == set(names(commands_of(*parsers())))


@pytest.mark.parametrize("name", EXAMPLES)
def test_help_has_examples_that_are_valid_within_80_columns(name, project, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        main([*name.split(), "--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert [line for line in said.splitlines() if len(line) > 80] == []
    assert said.endswith("".join(("examples:\n", *(f"  {line}\n" for line in EXAMPLES[name]))))
    for line in EXAMPLES[name]:
        (typed,) = re.findall(r'harness [^|<>")]*(?:"[^"]*"[^|<>]*)?', line.replace('"$(', "$("))
        arguments = shlex.split(typed)[1:]
        assert arguments[: len(name.split())] == name.split()
        if "--help" not in arguments:
            assert callable(parse(arguments).command)


UNKNOWN = {
    "rnu": "unknown command 'rnu'; did you mean 'run'?",
    "seedfrom x": "unknown command 'seedfrom'; did you mean 'seed-from'?",
    "run --jsn x": "unknown option '--jsn'; did you mean --json?",
    "--json - run": "unknown option '--json' before the command; put options after the command",
    "run --engine mto": "unknown engine 'mto'; did you mean 'moto'?",
    "compare --engines moto,localstak": "unknown engine 'localstak'; did you mean 'localstack'?",
    "sweep scenarios/orders.yaml --kind eror": "unknown fault kind 'eror'; did you mean 'error'?",
    "lint --format jsn x": "argument --format: unknown value 'jsn'; did you mean 'json'? choices: text, "
    "json,",
    "engines install pyton3.13": "unknown value 'pyton3.13'; did you mean 'python3.13'?",
    "engines instal python3.13": "unknown value 'instal'; did you mean 'install'?",
    "completion bsh": "unknown value 'bsh'; did you mean 'bash'?",
    "record scenarios/orders.yaml --only exection": "did you mean 'execution'?",
    "list -m slwo": "-m 'slwo': no scenario has the tag 'slwo'; did you mean 'slow'?",
    "list -k oredr": "-k 'oredr': no file, title or tag matches; did you mean 'order'? `harness list` shows",
    "list -k zebra": "-k 'zebra': no file, title or tag matches; `harness list` shows all scenarios",
    "list scenarois": "scenarois:1:1: file or folder not found; did you mean 'scenarios'?",
    "run scenarios/order.yaml": "file or folder not found; did you mean 'scenarios/orders.yaml'?",
    "config scenaros": "scenaros: file or folder not found; did you mean 'scenarios'?",
    "replay templat.yaml": "templat.yaml: file or folder not found; did you mean 'template.yaml'?",
    "seed-from templat.yaml": "templat.yaml: file not found; did you mean 'template.yaml'?",
    "list nowhere": "nowhere:1:1: file or folder not found; correct the path",
}


@pytest.mark.usefixtures("project", "nothing_starts")
@pytest.mark.parametrize("typed", UNKNOWN)
def test_a_word_that_is_not_known_is_refused_with_one_like_it(typed, capsys):
    try:
        code = main(shlex.split(typed))
    except SystemExit as ended:
        code = ended.code
    assert code == WRONG
    assert UNKNOWN[typed] in capsys.readouterr().err
