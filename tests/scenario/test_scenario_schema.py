"""The JSON Schema and the reference follow the models, and the shipped scenarios follow both."""

import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from scenario_samples import EXPECTATIONS

from harness.scenario import syntax
from harness.scenario.load import load
from harness.scenario.model import scenario_model
from harness.scenario.reference import reference
from harness.scenario.schema import json_schema, json_text

FOLDER = Path(__file__).parents[2] / "scenarios"
SCENARIOS = sorted(FOLDER.glob("*.yaml"))
MODEL = scenario_model(EXPECTATIONS)
VALIDATOR = jsonschema.Draft202012Validator(json_schema(MODEL))


def test_the_file_is_in_step():
    assert FOLDER.joinpath("schema.json").read_text(encoding="utf-8") == json_text(MODEL), (
        "run: harness schema > scenarios/schema.json"
    )


def test_the_schema_is_valid():
    VALIDATOR.check_schema(json_schema(MODEL))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_each_shipped_scenario_follows_the_schema_and_names_it(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    VALIDATOR.validate(syntax.read(text, path).data)
    (scenario,) = load([path], EXPECTATIONS)
    assert scenario.tags


def test_titles_are_unique():
    titles = [scenario.title for scenario in load(SCENARIOS, EXPECTATIONS)]
    assert len(set(titles)) == len(titles) >= 13


@pytest.mark.parametrize(
    ("part", "valid"),
    [
        ({}, True),
        ({"sed": {}}, False),
        ({"run": {}}, True),
        ({"run": [{}, {"at": "0 s"}]}, True),
        ({"run": []}, False),
        ({"run": {"timeout": 30}}, False),
        ({"seed": {"buckets": {"abc": {"objects": [{"key": "a", "size": "2 MiB"}]}}}}, True),
        ({"seed": {"buckets": {"abc": {"objects": [{"key": "a", "size": "2 XiB"}]}}}}, False),
        ({"expect": {}}, False),
        ({"expect": {"aggregates": {"abc": {".a": [1, "5 B"]}}}}, True),
        ({"expect": {"aggregates": {"abc": {"a": [1, "5 B"]}}}}, False),
        ({"expect": {"aggregates": {"abc": {".a": [1]}}}}, False),
        ({"expect": {"path": ["A", {"repeat": ["B"]}]}}, True),
        ({"expect": {"path": [5]}}, False),
        ({"expect": {"execution": {"output": [1, 2]}}}, True),
    ],
)
def test_the_schema_tells_right_from_wrong(part, valid):
    assert VALIDATOR.is_valid({"title": "t", "expect": {"messages": []}} | part) is valid


def test_every_key_has_a_meaning():
    schema = json_schema(MODEL)
    for part in (schema, *schema["$defs"].values()):
        long = part["anyOf"][-1] if "anyOf" in part else part
        for key, field in long.get("properties", {}).items():
            assert field.get("description"), key


def test_the_reference_has_each_entry_that_it_mentions():
    text = reference(MODEL)
    sections = {heading.lower() for heading in re.findall(r"^## (.+)$", text, re.MULTILINE)}
    mentioned = {noun.lower() for noun in re.findall(r"(?<!\*)\*([\w ]+)\*(?!\*)", text)}
    assert mentioned == sections - {"the file"}
    assert "| `title` | text | **required** | A description in one sentence. |" in text


def test_both_texts_are_the_same_in_every_process():
    code = (
        "from harness.expect import BUILT_IN; from harness.scenario.model import scenario_model; "
        "from harness.scenario.schema import json_text; from harness.scenario.reference import reference; "
        "import hashlib; m = scenario_model(BUILT_IN); "
        "print(hashlib.sha256((json_text(m) + reference(m)).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_reading_scenarios_needs_no_aws_library():
    code = (
        "import sys; from pathlib import Path; from harness.scenario.load import load; "
        "from harness.expect.project import expectations_of; "
        "from harness.settings_reading import load_settings; "
        f"paths = [Path({str(SCENARIOS[0])!r})]; "
        "load(paths, expectations_of(load_settings(paths[0].parent, {}))); "
        "print([name for name in sys.modules if name.partition('.')[0] in ('boto3', 'botocore', 'moto')])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
