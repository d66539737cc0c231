"""Scenario seeds are checked against the template before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.expect import BUILT_IN
from harness.lint.names import name_problems
from harness.lint.seeds import seed_problems
from harness.scenario.load import parse
from harness.settings_reading import load_settings

TEMPLATE = """\
Resources:
  Uploads: {Type: AWS::S3::Bucket}
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: n, AttributeType: N}]
      KeySchema: [{AttributeName: id, KeyType: HASH}, {AttributeName: n, KeyType: RANGE}]
  Jobs: {Type: AWS::SQS::Queue}
  Steps: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: bus}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "pyproject.toml").write_text('[tool.harness]\ntemplate = "template.yaml"\n')
    (tmp_path / "orders.csv").write_text("id\n1\n")
    return tmp_path


def problems(project: Path, text: str) -> list[str]:
    settings = load_settings(project, {})
    end = "" if "expect:" in text else "\nexpect: {execution: {status: SUCCEEDED}}"
    scenario = parse(f"title: t\n{text}{end}\n", BUILT_IN, project / "a.yaml")
    found = [*name_problems(scenario, settings), *seed_problems(scenario, settings)]
    return [str(problem).removeprefix(f"{project}/") for problem in found]


def test_a_reference_in_an_input_is_to_a_resource_of_the_template(project: Path) -> None:
    assert problems(project, "run: {input: {bucket: !Ref Uploads, all: [!Ref Jobs]}}") == []
    assert problems(project, "run: [{}, {input: {all: [a, !Ref Upload]}}]") == [
        "a.yaml:2:29: the template has no resource 'Upload'; did you mean 'Uploads'? "
        "known: Bus, Jobs, Orders, Steps, Uploads"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "seed: {objects: {Upload: []}}",
            "a.yaml:2:18: the template has no bucket 'Upload'; did you mean 'Uploads'? its buckets: Uploads",
        ),
        (
            "seed: {objects: {Orders: []}}",
            "a.yaml:2:18: the template has no bucket 'Orders'; this resource is an AWS::DynamoDB::Table; "
            "its buckets: "
            "Uploads",
        ),
        (
            "seed: {tables: {Uploads: []}}",
            "a.yaml:2:17: the template has no table 'Uploads'; this resource is an AWS::S3::Bucket; its "
            "tables: Orders",
        ),
        (
            "seed: {queues: {Job: [a]}}",
            "a.yaml:2:17: the template has no queue 'Job'; did you mean 'Jobs'? its queues: Jobs, Steps",
        ),
        (
            "seed: {tables: {Orders: [{n: 1}]}}",
            "a.yaml:2:26: the item has no id, which is part of the key of Orders; add id (text) and "
            "n (a number)",
        ),
        (
            "seed: {tables: {Orders: [{id: 5, n: 1}]}}",
            "a.yaml:2:31: id is text in the key of Orders, but this value is of type N; write it in quotes",
        ),
        (
            "seed: {tables: {Orders: [{id: {S: ''}, n: {N: '1'}}]}}",
            "a.yaml:2:31: id is in the key of Orders and cannot be empty; give it a value",
        ),
        (
            "seed: {tables: {Orders: {items: [{id: a, n: 1}, {id: {S: a}, n: {N: '1'}}]}}}",
            "a.yaml:2:49: the item has the same key as item 1; remove one, or change its key",
        ),
        (
            "seed: {tables: {old-table: {key: {pk: S}, items: [{p: a}]}}}",
            "a.yaml:2:51: the item has no pk, which is part of the key of old-table; add pk (text)",
        ),
        (
            "seed: {tables: {Orders: {key: {pk: S}}}}",
            "a.yaml:2:26: Orders is a table in the template, Orders (AWS::DynamoDB::Table); remove "
            "key, or change "
            "the name",
        ),
        (
            "seed: {queues: {Steps: [a]}}",
            "a.yaml:2:25: Steps is a FIFO queue, but the message has no group; add group:",
        ),
        (
            "seed: {queues: {Jobs: [{body: a, group: b}]}}",
            "a.yaml:2:24: Jobs is not a FIFO queue and does not support group; remove group",
        ),
        (
            "seed: {objects: {Uploads: [{key: a, file: order.csv}]}}",
            "did you mean 'orders.csv'? files in the folder: orders.csv, pyproject.toml, template.yaml; "
            "the path is relative to the scenario's file",
        ),
        (
            "seed: {buckets: {photos: {objects: [{key: a, file: ../../etc/passwd}]}}}",
            "a.yaml:2:52: ../../etc/passwd is outside the project, which is",
        ),
        (
            "expect: {objects: {Uplods: {count: 1}}}",
            "a.yaml:2:20: the template has no bucket 'Uplods'; did you mean 'Uploads'? its buckets: Uploads",
        ),
        (
            "expect: {events: [{bus: Buss}]}",
            "a.yaml:2:25: the template has no event bus 'Buss'; did you mean 'Bus'? its event buses: Bus",
        ),
        (
            "expect: {events: [{rules: [Nope]}]}",
            "a.yaml:2:28: the template has no rule 'Nope'; its rules: none",
        ),
    ],
)
def test_what_does_not_fit_is_a_problem_at_its_place(project: Path, text: str, said: str) -> None:
    (problem,) = problems(project, text)
    assert said in problem.replace(str(project), "")


def test_what_fits_is_none(project: Path) -> None:
    text = """\
seed:
  buckets: {photos: {}}
  objects: {Uploads: [{key: a, file: orders.csv}]}
  tables: {Orders: [{id: a, n: 1}, {id: {S: a}, n: {N: "2"}}], old-table: {key: {pk: S}, items: [{pk: a}]}}
  queues: {Jobs: [a], Steps: [{body: a, group: g}]}
  parameters: {/a/b: c}
  secrets: {a: hunter22}
expect:
  objects: {photos: {count: 0}, Uploads: {count: 1}}
  items: {old-table: {count: 1}}
  queues: {Jobs: {count: 1}}
  parameters: {/a/b: c}
  events: [{bus: default}]"""
    assert problems(project, text) == []
