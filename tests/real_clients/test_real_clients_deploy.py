"""The documentation's AWS commands, unchanged, against LocalStack."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import documentation
import pytest

from harness.engine.base import Endpoint
from harness.engine.clients import Clients
from harness.engine.localstack.host import LocalStackHost
from harness.observe.executions import read
from harness.polling import poll

pytestmark = pytest.mark.localstack
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "report-deploy.md"


def commands() -> list[str]:
    return documentation.blocks("sh", PAGE)[0].replace("\\\n", " ").splitlines()


@pytest.fixture
def localstack() -> Iterator[Endpoint]:
    engine = LocalStackHost()
    found = engine.availability()
    if not found.usable:
        pytest.skip(f"LocalStack is {found.detail}; {found.remedy}")
    try:
        engine.start()
        yield engine.reset()
    finally:
        engine.stop()


def test_package_deploy_and_start_as_the_documentation_says(
    localstack: Endpoint, shell: Callable[[str, Mapping[str, str]], str], tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "lambdas", tmp_path / "lambdas", ignore=shutil.ignore_patterns("__pycache__"))
    clients = Clients(localstack)
    clients.s3.create_bucket(Bucket="deployment")
    package, deploy, start = commands()

    shell(package.replace("BUCKET", "deployment"), localstack.env)
    assert "S3Bucket: deployment" in (tmp_path / "packaged.yaml").read_text(encoding="utf-8")
    shell(deploy, localstack.env)
    (stack,) = clients.cloudformation.describe_stacks(StackName="s3-usage")["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    started = json.loads(shell(start.replace("ORCHESTRATOR_ARN", outputs["OrchestratorArn"]), localstack.env))

    arn = started["executionArn"]
    poll(
        lambda: clients.stepfunctions.describe_execution(executionArn=arn)["status"],
        lambda status: status != "RUNNING",
        what="end of the execution",
        timeout_s=90,  # the template's poll interval is 30 s
    )
    execution = read(clients.stepfunctions, arn)
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    (table,) = clients.dynamodb.list_tables()["TableNames"]
    rows = clients.dynamodb.scan(TableName=table)["Items"]
    assert {"S": "deployment/#status"} in [row["bucket_extension"] for row in rows]
