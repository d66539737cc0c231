"""Measures large comparisons: rows, a long history, messages, and a large file.

    python benchmarks/judging.py               # 3,000 rows, 25,000 events, 500 messages, 20,000 rows in YAML
    python benchmarks/judging.py --rows 300 --messages 50

Each comparison is a scenario in a project in a temporary folder, which `harness run` runs. One scenario
with rows expects different rows. The output shows the time for each scenario's stages from the report, then
the remaining time, in which the command starts, reads the file and prints, and then the processor time of
the command with all its processes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import used

ALLOW = '{{Effect: Allow, Principal: {{Service: {0}.amazonaws.com}}, Action: "sts:AssumeRole"}}'
TEMPLATE = f"""\
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
      KeySchema: [{{AttributeName: id, KeyType: HASH}}]
  Topic: {{Type: "AWS::SNS::Topic"}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{Statement: [{ALLOW.format("states")}, {ALLOW.format("lambda")}]}}
      Policies:
        - PolicyName: all
          PolicyDocument: {{Statement: {{Effect: Allow, Action: "*", Resource: "*"}}}}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: app.handler
      Timeout: 900
      Code: functions
      Role: !GetAtt Role.Arn
      Environment: {{Variables: {{TABLE: !Ref Table, TOPIC: !Ref Topic}}}}
  Store:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
        {{"StartAt": "Store", "States": {{"Store":
          {{"Type": "Task", "Resource": "${{Function.Arn}}", "End": true}}}}}}
  Loop:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: |
        {{"StartAt": "Again", "States": {{"Again": {{"Type": "Choice", "Default": "Once",
          "Choices": [{{"Variable": "$.never", "IsPresent": true, "Next": "End"}}]}},
          "Once": {{"Type": "Pass", "Next": "Again"}}, "End": {{"Type": "Succeed"}}}}}}
"""
FUNCTION = """\
import os
import boto3

def handler(event, context):
    dynamodb, sns = boto3.client("dynamodb"), boto3.client("sns")
    for begin in range(0, event.get("rows", 0), 25):
        rows = range(begin, min(begin + 25, event["rows"]))
        items = [{"id": {"S": f"row-{n:05}"}, "number": {"N": str(n)}, "name": {"S": "x"}} for n in rows]
        puts = [{"PutRequest": {"Item": item}} for item in items]
        dynamodb.batch_write_item(RequestItems={os.environ["TABLE"]: puts})
    for begin in range(0, event.get("messages", 0), 10):
        sns.publish_batch(TopicArn=os.environ["TOPIC"], PublishBatchRequestEntries=[
            {"Id": str(n), "Subject": f"Number {n}", "Message": f"This is {n}, one of many"}
            for n in range(begin, min(begin + 10, event["messages"]))])
"""
HEAD = "title: {0}\nrun: {{state_machine: {1}, timeout: 900 s, input: {2}}}\nexpect:\n"


def exact(rows: int, name: str = "x") -> str:
    listed = "".join(
        f"        - {{id: row-{n:05}, number: {n}, name: {name}}}\n" for n in reversed(range(rows))
    )
    head = HEAD.format("Rows", "Store", json.dumps({"rows": rows}))
    return f"{head}  items:\n    Table:\n      exact:\n{listed}"


def messages(number: int) -> str:
    listed = "".join(
        f"    - {{subject: Number {n}, body: {{contains: 'is {n},'}}}}\n" for n in reversed(range(number))
    )
    return f"{HEAD.format('Messages', 'Store', json.dumps({'messages': number}))}  messages:\n{listed}"


def large(rows: int) -> str:
    listed = "".join(f"        - {{id: row-00000, number: 0}}  # {n}\n" for n in range(rows))
    return f"{HEAD.format('Table', 'Store', '{rows: 1}')}  items:\n    Table:\n      contain:\n{listed}"


def measured(folder: Path, name: str, text: str) -> Mapping[str, float]:
    """Return the seconds for each stage of a scenario, for the rest, and for all processors."""
    scenario, report = folder / "scenarios" / f"{name}.yaml", folder / "report.json"
    scenario.write_text(text, encoding="utf-8")
    before, begin = used.ended_s(), time.monotonic()
    program = [sys.executable, "-P", "-m", "harness", "run", str(scenario), "--json", str(report)]
    ended = subprocess.run(program, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)
    took, spent = time.monotonic() - begin, used.ended_s() - before
    found = json.loads(report.read_text("utf-8")) if ended.returncode in (0, 1) else None
    if found is None or found["results"][0]["outcome"] == "error":
        raise SystemExit(f"{name}: {ended.stdout}{ended.stderr}")
    stages: dict[str, float] = found["real_time"][0]["timings_s"]
    shown = {stage: stages[stage] for stage in ("run", "observe", "compare")}
    return {**shown, "rest": took - sum(stages.values()), "processors": spent}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=3_000, help="rows of a table, all expected")
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--large", type=int, default=20_000, help="expected rows in one file")
    arguments = parser.parse_args()
    works: dict[str, Callable[[], str]] = {
        f"{arguments.rows:,} exact rows": lambda: exact(arguments.rows),
        f"{arguments.rows:,} rows that differ": lambda: exact(arguments.rows, "y"),
        "a failure after 25,000 events": lambda: (
            f"{HEAD.format('Loop', 'Loop', '{}')}  execution: {{status: SUCCEEDED}}\n"
        ),
        f"{arguments.messages:,} messages": lambda: messages(arguments.messages),
        f"{arguments.large:,} rows in a file": lambda: large(arguments.large),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "scenarios").mkdir()
        (folder / "functions").mkdir()
        (folder / "functions" / "app.py").write_text(FUNCTION, encoding="utf-8")
        (folder / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
        settings = '[tool.harness]\ntemplate = "template.yaml"\nstate_machine = "Store"\nlint = false\n'
        (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
        for number, (work, text) in enumerate(works.items()):
            stages = measured(folder, f"work-{number}", text())
            print(f"{work:32}" + "".join(f"  {stage} {seconds:6.2f}" for stage, seconds in stages.items()))


if __name__ == "__main__":
    main()
