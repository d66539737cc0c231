"""Traces and logs name the project's files if the deployed ones exist in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from minimal_project import write

from harness.functions.shared.model import FunctionError
from harness.observe.model import Observation
from harness.observe.sources import Sources, in_project
from harness.stack.origin import Origin
from harness.stack.origins import origins_in
from harness.testing import an_invocation, observed

TEMPLATE = """\
Resources:
  Layer:
    Type: AWS::Lambda::LayerVersion
    Properties: {Content: layers/tools}
  Works:
    Type: AWS::Lambda::Function
    Properties: {Code: src, Handler: app.handler, Layers: [!Ref Layer, "arn:aws:lambda:::layer:other:1"]}
  Alone:
    Type: AWS::Lambda::Function
    Properties: {Code: src/app.py, Handler: app.handler}
  Elsewhere:
    Type: AWS::Lambda::Function
    Properties: {Code: {S3Bucket: b, S3Key: k}, Handler: app.handler}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "template.yaml": TEMPLATE,
        "src/app.py": "",
        "src/part/of.py": "",
        "layers/tools/python/t.py": "",
    }
    monkeypatch.chdir(tmp_path)
    return write(tmp_path, files)


@pytest.mark.parametrize(
    ("function", "deployed", "shown"),
    [
        ("Works", "/var/task/app.py", "src/app.py"),
        ("Works", "/var/task/part/of.py", "src/part/of.py"),
        ("Works", "/opt/python/t.py", "layers/tools/python/t.py"),
        ("Works", "/var/task/vendored.py", "/var/task/vendored.py"),
        ("Works", "/opt/python/app.py", "/opt/python/app.py"),
        ("Works", "/var/runtime/bootstrap.py", "/var/runtime/bootstrap.py"),
        ("Alone", "/var/task/app.py", "src/app.py"),
        ("Elsewhere", "/var/task/app.py", "/var/task/app.py"),
        ("Nobody", "/var/task/app.py", "/var/task/app.py"),
    ],
)
def test_a_deployed_file_is_that_of_the_project(
    project: Path, function: str, deployed: str, shown: str
) -> None:
    text = f'  File "{deployed}", line 3, in handler'
    located = Sources.of(origins_in(project / "template.yaml")).located(text, function)
    assert located == f'  File "{shown}", line 3, in handler'


def seen(log: str) -> Observation:
    trace = ('  File "/var/task/app.py", line 3, in handler\\n    x\\n',)
    failed = an_invocation("deployed-name", error=FunctionError("E", "in /var/task/app.py", trace), log=log)
    return replace(observed(invocations=(failed,)), functions={"deployed-name": "Works"})


def test_traces_messages_and_logs_are_located(project: Path) -> None:
    found = in_project(
        seen('[ERROR] E\rTraceback:\r\xa0 File "/var/task/app.py", line 3'),
        origins_in(project / "template.yaml"),
    )
    (invocation,) = found.invocations
    assert invocation.error is not None
    assert invocation.error.stack_trace[0].startswith('  File "src/app.py", line 3')
    assert invocation.error.message == "in src/app.py"
    assert '"src/app.py"' in invocation.log


@pytest.mark.parametrize(
    "origins", [{}, {"Works": Origin(Path("nowhere.yaml"), "s", "Works", "AWS::Lambda::Function")}]
)
def test_without_a_template_all_stays_as_it_is(origins: dict[str, Origin]) -> None:
    observation = seen("")
    assert in_project(observation, origins) == observation
