"""Mutants of other user files and strings: each is used, or rejected with its specific exception."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from bounds import bounded
from mutation import Json, Mutator

from harness.cli.arguments import parse
from harness.compare.known import read_known
from harness.expect.project import expectations_of
from harness.lint.names import names_problems
from harness.permissions.policy import statements
from harness.policy_file import policy_in
from harness.settings import SettingsError
from harness.settings_reading import load_settings
from harness.states.files.documents import file_items, pointed
from harness.states.files.format import DataFormat
from harness.states.payload import read_json

MOST_S = 10.0
SETTINGS: Json = {
    "tool": {
        "harness": {
            "engine": "moto",
            "endpoint_url": "http://127.0.0.1:1",
            "template": "template.yaml",
            "stack_name": "a",
            "state_machine": "M",
            "parameters": {"A": 1, "B": True, "C": "x"},
            "real_time_parameters": {"D": 1.5},
            "lint": ["E3", "W"],
            "scenarios": ["a", "b"],
            "known_differences": "k.toml",
            "volatile_attributes": ["x"],
            "scp": ["policy.json"],
            "accept": [
                {"role": "r", "action": "s3:*", "resource": "*", "reason": "y"},
                {"limit": "states-name", "reason": "z"},
            ],
        }
    }
}
KNOWN: Json = {
    "difference": [
        {"engine": "mini*", "scenario": "*.yaml", "part": "history", "lines": "a.*b", "reason": "r"},
        {"engine": "x", "scenario": "[a", "part": "rows", "reason": "s"},
    ]
}
POLICY: Json = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "A",
            "Effect": "Deny",
            "Action": ["s3:*"],
            "Resource": "*",
            "Condition": {"Bool": {"a": "b"}},
        },
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": ["*"]},
    ],
}
ARGUMENTS = [
    "run",
    "validate",
    "list",
    "sweep",
    "compare",
    "config",
    "schema",
    "engines",
    "install",
    "--json",
    "-",
    "--junit",
    "a.yaml",
    "--engine",
    "moto",
    "--parameters",
    "A=b",
    "-n",
    "--pairs",
    "--seed",
    "--engines",
    "-v",
    "--keep",
    "--point",
    "--kind",
    "--allow-skipped",
    "--clock",
    "--",
    "localstack",
    "--version",
]
FORMATS = (
    DataFormat("JSON"),
    DataFormat("JSONL"),
    DataFormat("CSV"),
    DataFormat("PARQUET"),
)


def toml(value: Json, levels: int = 100) -> str:
    """A value in TOML: inline, with unsupported types as strings, and to the depth that this function
    supports.
    """
    if levels and isinstance(value, dict):
        parts = [f"{json.dumps(str(key))} = {toml(inner, levels - 1)}" for key, inner in value.items()]
        return "{" + ", ".join(parts) + "}"
    if levels and isinstance(value, list):
        return "[" + ", ".join(toml(each, levels - 1) for each in value) + "]"
    if isinstance(value, dict | list):
        return '"deep"'
    return json.dumps(value) if value is not None else '"null"'


def _table(mutator: Mutator, value: Json) -> dict[str, Json]:
    changed = mutator.mutant(value)
    return changed if isinstance(changed, dict) else {}


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


def settings(mutator: Mutator, folder: Path) -> None:
    _written(folder, "policy.json", json.dumps(POLICY))
    changed = _table(mutator, SETTINGS)
    text = "\n".join(f"{json.dumps(str(k))} = {toml(v)}" for k, v in changed.items())
    if mutator.random.random() < 0.3:
        text = mutator.text_mutant(text)
    _written(folder, "pyproject.toml", text)
    with suppress(SettingsError):
        assert not names_problems([], lambda _: load_settings(folder, {}))
        expectations_of(load_settings(folder, {}))


def known_differences(mutator: Mutator, folder: Path) -> None:
    changed = _table(mutator, KNOWN)
    text = "\n".join(f"{json.dumps(str(k))} = {toml(v)}" for k, v in changed.items())
    path = _written(
        folder, "known.toml", mutator.text_mutant(text) if mutator.random.random() < 0.3 else text
    )
    with suppress(SettingsError):
        for known in read_known(path):
            known.explains("mini", "a.yaml", "history of x", "a" * 30)


def policies(mutator: Mutator, folder: Path) -> None:
    text = json.dumps(mutator.mutant(POLICY))
    path = _written(
        folder, "policy.json", mutator.text_mutant(text) if mutator.random.random() < 0.3 else text
    )
    try:
        policy = policy_in(path)
    except ValueError:
        return
    statements(policy)  # type: ignore[arg-type]


def documents(mutator: Mutator, _: Path) -> None:
    text = mutator.random.choice(
        ('[{"a": 1}, 2]', '{"a": 1}\n{"b": 2}\n', 'a,b\n1,2\n"x",y\n', "{}", "PAR1xxxxPAR1", "a,a\n1,2,3\n")
    )
    body = mutator.text_mutant(text, most=6)
    name = mutator.random.choice(("a.json", "a.csv", "a.gz", "a.zst", ""))
    with suppress(ValueError, ImportError):
        for entry in file_items(body, name, mutator.random.choice(FORMATS)):
            json.dumps(entry.item if hasattr(entry, "item") else entry[0], allow_nan=False)
    with suppress(ValueError):
        pointed(
            read_json(json.dumps(mutator.odd())),
            mutator.random.choice(("/a", "/0", "", "a", "/~", "/999999999999")),
        )


def arguments(mutator: Mutator, _: Path) -> None:
    given = [mutator.random.choice(ARGUMENTS) for _ in range(mutator.random.randint(0, 6))]
    given = [
        mutator.text_mutant(each).replace("\0", "") if mutator.random.random() < 0.2 else each
        for each in given
    ]
    with suppress(SystemExit):
        parse(given)


KINDS = (settings, known_differences, policies, documents, arguments)


def fuzz(kind: Callable[[Mutator, Path], None], seed: int, count: int, folder: Path) -> None:
    mutator = Mutator(seed, ("harness", "reason", "lines", "Effect", "Action", "a"))
    for number in range(count):
        try:
            with bounded(MOST_S):
                kind(mutator, folder)
        except BaseException as error:
            error.add_note(f"mutant {number} of seed {seed}")
            raise


@pytest.mark.parametrize("kind", KINDS)
def test_mutants_are_used_or_refused(
    kind: Callable[[Mutator, Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fuzz(kind, 1, 150, tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", KINDS)
def test_many_mutants_are_used_or_refused(
    kind: Callable[[Mutator, Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fuzz(kind, 2, 2_000, tmp_path)
