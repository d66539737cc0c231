"""The settings of a definition without a template."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.plain import DefinitionPath, GivenFunction, GivenTable
from harness.settings import SettingsError
from harness.settings_reading import load_settings

TABLE = """\
[tool.harness]
definition = "flow.asl.json"
substitutions = {Many = 5}

[tool.harness.functions]
list-objects = "lambdas/list"
count = {code = "lambdas/count", handler = "a.b", timeout = "30 s", memory = 256, environment = {AB = true}}

[tool.harness.machines]
child = "child.asl.json"

[tool.harness.tables]
orders = {key = {id = "S", at = "N"}}
"""


def settings(tmp_path: Path, table: str) -> object:
    (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")
    return load_settings(tmp_path, {}).template


def test_the_template_is_the_definition_with_all_that_is_beside_it(tmp_path: Path) -> None:
    found = settings(tmp_path, TABLE)
    assert isinstance(found, DefinitionPath)
    assert str(found) == str(tmp_path / "flow.asl.json")
    given = found.given
    assert given is not None
    assert dict(given.functions) == {
        "list-objects": GivenFunction(tmp_path / "lambdas" / "list"),
        "count": GivenFunction(tmp_path / "lambdas" / "count", "a.b", None, (("AB", "true"),), 30, 256),
    }
    assert given.machines == (("child", tmp_path / "child.asl.json"),)
    assert given.tables == (("orders", GivenTable((("id", "S"), ("at", "N")))),)
    assert given.substitutions == (("Many", "5"),)
    assert given.place("functions", "count") == (7, 1)
    assert given.place("tables", "orders") == (13, 1)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            'template = "t.yaml"\ndefinition = "f.json"',
            "both template and definition are set; remove one",
        ),
        (
            'definition = "f.json"\nparameters = {Stage = "prod"}',
            "parameters apply to a template, but definition is set; set the values of its `${Name}` as",
        ),
        ("functions = 5", "functions must be a table; write [tool.harness.functions]"),
        ("functions = {a = 5}", "functions.a: expected a path, or a mapping with code"),
        ("functions = {a = {}}", "functions.a.code: 'code' is missing"),
        (
            'functions = {"a b" = "x"}',
            "functions.a b: 'a b' is not a valid name for a function",
        ),
        (
            'functions = {a = {code = "x", timeout = "2 h"}}',
            "functions.a.timeout: a function's timeout cannot be 7200 s; write whole seconds from 1 to",
        ),
        (
            'functions = {a = {code = "x", memory = 64}}',
            "functions.a.memory: invalid value 64; write 128",
        ),
        (
            'functions = {a = {code = "x", handle = "y"}}',
            "functions.a.handle: unknown key 'handle' in functions.a; did you mean 'handler'?",
        ),
        ("tables = {orders = {}}", "tables.orders.key: 'key' is missing"),
        (
            "tables = {orders = {key = {}}}",
            "tables.orders.key: a table's key cannot have 0 attributes",
        ),
        (
            'tables = {orders = {key = {id = "X"}}}',
            "tables.orders.key.id: unknown id 'X'",
        ),
        ('machines = {"a.b" = "x"}', "machines.a.b: 'a.b' is not a valid name for a state machine"),
    ],
)
def test_what_is_wrong_is_told_by_its_keys(tmp_path: Path, table: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings(tmp_path, f"[tool.harness]\n{table}\n")
    assert f"{tmp_path / 'pyproject.toml'}: [tool.harness]: {said}" in str(error.value)
