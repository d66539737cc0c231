"""Function versions, aliases, layers, roles and runtimes on the embedded engine."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab, function, output_of, role

from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine

SHOW = """
import os
def handler(event, context):
    return [VALUE, os.environ.get("STAGE"), context.function_version, context.invoked_function_arn,
            os.environ["AWS_LAMBDA_FUNCTION_VERSION"], context.log_stream_name.partition("]")[0][-2:]]
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[MotoEngine]:
    engine = MotoEngine()
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def lab(engine: MotoEngine, tmp_path: Path) -> Lab:
    return Lab(engine, Clients(engine.reset()), tmp_path)


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def make(lab: Lab, source: str, name: str = "fn", **properties: Any) -> str:
    """Create a function and return its ARN."""
    settings = {"Runtime": "python3.13", "Handler": "app.handler", **properties}
    code = {"ZipFile": zipped(**{"app.py": source})}
    return lab.clients.lambda_.create_function(FunctionName=name, Role=lab.role_arn, Code=code, **settings)[
        "FunctionArn"
    ]


def call(lab: Lab, name: str, **parameters: Any) -> tuple[Any, str]:
    """Invoke a function. Return its result and the version that ran."""
    answer = lab.clients.lambda_.invoke(FunctionName=name, **parameters)
    return json.loads(answer["Payload"].read()), answer["ExecutedVersion"]


def invoke_state(name: str, **parameters: str) -> dict[str, Any]:
    given = {"FunctionName": name, "Payload": {}, **parameters}
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": given, "End": True}


def publish(lab: Lab) -> str:
    """A function with the alias `live` for version 1, whose code and configuration changed afterwards."""
    client = lab.clients.lambda_
    arn = make(lab, f"VALUE = 'one'\n{SHOW}", Environment={"Variables": {"STAGE": "first"}})
    assert client.publish_version(FunctionName="fn")["Version"] == "1"
    client.create_alias(FunctionName="fn", Name="live", FunctionVersion="1")
    client.update_function_code(FunctionName="fn", ZipFile=zipped(**{"app.py": f"VALUE = 'two'\n{SHOW}"}))
    client.update_function_configuration(FunctionName="fn", Environment={"Variables": {"STAGE": "second"}})
    return arn


@pytest.fixture
def published(lab: Lab) -> str:
    return publish(lab)


def share(lab: Lab, weight: float) -> None:
    """Route a share of the alias's calls to version 2."""
    lab.clients.lambda_.update_alias(
        FunctionName="fn",
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": weight}},
    )


def test_a_call_by_alias_runs_the_version_that_was_published(lab: Lab, published: str) -> None:
    live = ["one", "first", "1", f"{published}:live", "1", "[1"]
    assert call(lab, "fn:live") == (live, "1")
    assert call(lab, "fn", Qualifier="live") == (live, "1")
    assert call(lab, f"{published}:live") == (live, "1")
    assert call(lab, "fn", Qualifier="1") == (["one", "first", "1", f"{published}:1", "1", "[1"], "1")
    latest, version = call(lab, "fn")
    assert latest == ["two", "second", "$LATEST", published, "$LATEST", "ST"]
    assert version == "$LATEST"
    assert call(lab, "fn", Qualifier="$LATEST")[0][3] == f"{published}:$LATEST"


def test_a_task_by_alias_tells_the_version_and_the_stream_is_its_own(lab: Lab, published: str) -> None:
    for state in (
        invoke_state("fn:live"),
        invoke_state(f"{published}:live"),
        invoke_state("fn", Qualifier="live"),
    ):
        output = output_of(lab.play({"T": state}))
        assert output["ExecutedVersion"] == "1"
        assert output["SdkHttpMetadata"]["HttpHeaders"]["X-Amz-Executed-Version"] == "1"
        assert output["Payload"][2:4] == ["1", f"{published}:live"]
    task = {"Type": "Task", "Resource": f"{published}:live", "End": True}
    assert output_of(lab.play({"T": task}))[0] == "one"
    output = output_of(lab.play({"T": invoke_state("fn")}))
    assert (output["ExecutedVersion"], output["Payload"][3]) == ("$LATEST", published)
    streams = lab.clients.logs.describe_log_streams(logGroupName="/aws/lambda/fn")["logStreams"]
    assert {stream["logStreamName"].split("/")[3].partition("]")[0] for stream in streams} == {
        "[1",
        "[$LATEST",
    }


def test_an_alias_of_a_stack_shares_its_calls_out(lab: Lab, published: str) -> None:
    weights = [{"FunctionVersion": "2", "FunctionWeight": 1}]
    assert lab.clients.lambda_.publish_version(FunctionName="fn")["Version"] == "2"
    properties = {
        "FunctionName": "fn",
        "Name": "shared",
        "FunctionVersion": "1",
        "RoutingConfig": {"AdditionalVersionWeights": weights},
    }
    template = {"Resources": {"Alias": {"Type": "AWS::Lambda::Alias", "Properties": properties}}}
    stack = lab.deploy(template, {})
    assert call(lab, stack.resources["Alias"].physical_id)[1] == "2"
    assert call(lab, f"{published}:live")[1] == "1"
    assert stack.notes == ()


def test_an_unknown_qualifier_is_lambdas_error(lab: Lab, published: str) -> None:
    with pytest.raises(ClientError) as raised:
        call(lab, "fn", Qualifier="gone")
    error = raised.value.response["Error"]
    assert error["Code"] == "ResourceNotFoundException"
    assert error["Message"] == f"Function not found: {published}:gone"
    with pytest.raises(ClientError, match="derived qualifier from the function name does not match"):
        call(lab, "fn:live", Qualifier="1")
    execution = lab.play({"T": invoke_state("fn:gone")})
    assert (execution.status, execution.error) == ("FAILED", "Lambda.ResourceNotFoundException")
    assert f"Function not found: {published}:gone" in (execution.cause or "")


def test_an_alias_shares_its_calls_out_in_the_same_way_each_time(engine: MotoEngine, tmp_path: Path) -> None:
    state = {**invoke_state("fn:live"), "OutputPath": "$.ExecutedVersion"}
    processor = {"StartAt": "T", "States": {"T": state}}
    items = {"Type": "Map", "End": True, "ItemProcessor": processor}
    runs = []
    for number in range(2):
        lab = Lab(engine, Clients(engine.reset()), tmp_path / str(number))
        publish(lab)
        assert lab.clients.lambda_.publish_version(FunctionName="fn")["Version"] == "2"
        share(lab, 0.5)
        runs.append(output_of(lab.play({"M": items}, list(range(20)))))
    assert runs[0] == runs[1]
    assert set(runs[0]) == {"1", "2"}
    for weight, version in ((0.0, "1"), (1.0, "2")):
        share(lab, weight)
        assert {call(lab, "fn:live")[1] for _ in range(3)} == {version}


LAYER_USER = """
import os
import pathlib
import shutil
import subprocess
import sys
import shared
import both

def handler(event, context):
    with open("/opt/python/shared.py") as file:
        text = file.read()
    shutil.copy("/opt/data/a.txt", "/tmp/copied-by-layer-test")
    os.unlink("/tmp/copied-by-layer-test")
    return {"shared": shared.VALUE, "both": both.VALUE, "text": text, "opt": sorted(os.listdir("/opt")),
            "path": pathlib.Path("/opt/data/a.txt").read_text(), "there": os.path.exists("/opt/gone"),
            "tool": subprocess.run(["the-tool"], capture_output=True, text=True).stdout,
            "walked": sorted(name for _, _, names in os.walk("/opt/data") for name in names)}
"""


def layer(lab: Lab, name: str, **files: str) -> str:
    content = {"ZipFile": zipped(**files)}
    return lab.clients.lambda_.publish_layer_version(LayerName=name, Content=content)["LayerVersionArn"]


def test_layers_are_below_opt_and_are_imported(lab: Lab) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        tool = zipfile.ZipInfo("bin/the-tool")
        tool.external_attr = 0o755 << 16
        archive.writestr(tool, "#!/bin/sh\necho ran\n")
        archive.writestr("python/shared.py", "VALUE = 1\n")
        archive.writestr("python/both.py", "VALUE = 'of a layer'\n")
        archive.writestr("data/a.txt", "first")
    first = lab.clients.lambda_.publish_layer_version(LayerName="a", Content={"ZipFile": buffer.getvalue()})
    deep = "python/lib/python3.13/site-packages/deep.py"
    second = layer(lab, "b", **{deep: "VALUE = 8\n", "data/b.txt": "b"})
    third = layer(lab, "c", **{"python/shared.py": "from deep import VALUE\n", "data/a.txt": "last"})
    code = {"ZipFile": zipped(**{"app.py": LAYER_USER, "both.py": "VALUE = 'of the function'\n"})}
    lab.clients.lambda_.create_function(
        FunctionName="fn",
        Role=lab.role_arn,
        Code=code,
        Runtime="python3.13",
        Handler="app.handler",
        Layers=[first["LayerVersionArn"], second, third],
    )
    assert call(lab, "fn")[0] == {
        "shared": 8,
        "both": "of the function",
        "text": "from deep import VALUE\n",
        "opt": ["bin", "data", "python"],
        "path": "last",
        "there": False,
        "tool": "ran\n",
        "walked": ["a.txt", "b.txt"],
    }


def test_a_trace_through_a_layer_names_opt(lab: Lab) -> None:
    arn = layer(lab, "a", **{"python/shared.py": "def fail():\n    raise ValueError('no')\n"})
    make(lab, "import shared\ndef handler(event, context): shared.fail()", Layers=[arn])
    result, _ = call(lab, "fn")
    assert result["errorType"] == "ValueError"
    assert '"/opt/python/shared.py", line 2' in result["stackTrace"][-1]
    assert '"/var/task/app.py", line 2' in result["stackTrace"][-2]


def test_a_layers_own_boto3_is_the_functions(lab: Lab) -> None:
    arn = layer(lab, "a", **{"python/boto3/__init__.py": "VALUE = 'of the layer'\n"})
    make(lab, "import boto3\ndef handler(event, context): return boto3.VALUE", Layers=[arn])
    assert call(lab, "fn")[0] == "of the layer"


def test_without_layers_opt_is_the_machines(lab: Lab) -> None:
    make(lab, "import os\ndef handler(event, context): return os.path.exists('/opt/python/shared.py')")
    assert call(lab, "fn")[0] is False


def test_a_layer_that_nothing_has_made_is_refused_by_name(lab: Lab) -> None:
    arn = "arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-x86_64:7"
    with pytest.raises(
        ClientError, match=f"fn: layer {arn} is not available here; provide it as local Content"
    ):
        make(lab, SHOW, Layers=[arn])


@pytest.mark.parametrize("arn", ["shared", "arn:aws:lambda:us-east-1:123456789012:layer:shared"])
def test_a_layer_without_an_arn_of_its_version_is_refused(lab: Lab, arn: str) -> None:
    with pytest.raises(
        ClientError, match=rf"Value '\[{arn}\]' at 'layers' failed to satisfy constraint: "
    ) as told:
        make(lab, SHOW, Layers=[arn])
    assert told.value.response["Error"]["Code"] == "ValidationException"


def test_a_function_of_a_stack_has_the_stacks_layers(lab: Lab) -> None:
    lab.clients.create_bucket("content")
    lab.clients.s3.put_object(Bucket="content", Key="k", Body=zipped(**{"python/shared.py": "VALUE = 7\n"}))
    template = {
        "Resources": {
            "Role": role(),
            "Shared": {
                "Type": "AWS::Lambda::LayerVersion",
                "Properties": {"LayerName": "shared", "Content": {"S3Bucket": "content", "S3Key": "k"}},
            },
            "Fn": function("app.handler", Layers=[{"Ref": "Shared"}]),
        },
        "Outputs": {"Layer": {"Value": {"Ref": "Shared"}}},
    }
    app = "import shared\ndef handler(event, context): return shared.VALUE"
    stack = lab.deploy(template, {"src/app.py": app})
    assert call(lab, stack.resources["Fn"].physical_id)[0] == 7
    assert stack.outputs["Layer"] == "arn:aws:lambda:us-east-1:123456789012:layer:shared:1"


def test_a_function_of_a_stack_has_its_own_tags_and_the_stacks(lab: Lab) -> None:
    own = [{"Key": "team", "Value": "storage"}, {"Key": "stage", "Value": "its own"}]
    properties = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": "def handler(event, context): return 1"},
        "Tags": own,
    }
    template = {
        "Resources": {"Role": role(), "Fn": {"Type": "AWS::Lambda::Function", "Properties": properties}}
    }
    made = lab.clients.cloudformation.create_stack(
        Capabilities=["CAPABILITY_IAM"],
        StackName="tagged",
        TemplateBody=json.dumps(template),
        Tags=[{"Key": "stage", "Value": "the stack's"}, {"Key": "cost", "Value": "42"}],
    )["StackId"]
    [found] = lab.clients.lambda_.list_functions()["Functions"]
    assert lab.clients.lambda_.list_tags(Resource=found["FunctionArn"])["Tags"] == {
        "team": "storage",
        "stage": "its own",
        "cost": "42",
        "aws:cloudformation:logical-id": "Fn",
        "aws:cloudformation:stack-id": made,
        "aws:cloudformation:stack-name": "tagged",
    }


def test_a_function_is_a_session_of_its_role(lab: Lab) -> None:
    source = """
import boto3
def handler(event, context):
    identity = boto3.client("sts").get_caller_identity()
    return [identity["Arn"], identity["Account"], identity["UserId"].partition(":")[2]]
"""
    make(lab, source)
    expected = ["arn:aws:sts::123456789012:assumed-role/contract/fn", "123456789012", "fn"]
    assert call(lab, "fn")[0] == expected
    assert output_of(lab.play({"T": invoke_state("fn")}))["Payload"] == expected
    assert lab.clients.client("sts").get_caller_identity()["Arn"].endswith(":user/moto")


def test_xray_logs_that_there_is_no_segment_and_goes_on(lab: Lab) -> None:
    source = """
import os
def handler(event, context):
    return [os.environ[name] for name in
            ("AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS", "_X_AMZN_TRACE_ID", "AWS_EXECUTION_ENV")]
"""
    make(lab, source, Runtime="python3.12")
    missing, daemon, trace, name = call(lab, "fn")[0]
    assert (missing, daemon, name) == ("LOG_ERROR", "169.254.79.129:2000", "AWS_Lambda_python3.12")
    assert trace.startswith("Root=1-")


@pytest.mark.parametrize("runtime", ["nodejs20.x", "provided.al2023", "java21", "dotnet8", "ruby3.3"])
def test_a_function_of_another_runtime_says_so_when_it_is_called(lab: Lab, runtime: str) -> None:
    make(lab, "exports.handler = async () => 1", Runtime=runtime)
    said = f"fn: Runtime {runtime} is not supported; only Python functions are"
    with pytest.raises(ClientError, match=said) as raised:
        call(lab, "fn")
    assert raised.value.response["Error"]["Code"] == "InvalidRuntimeException"
    execution = lab.play({"T": invoke_state("fn")})
    assert (execution.status, execution.error) == ("FAILED", "Lambda.InvalidRuntimeException")
    assert said in (execution.cause or "")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('{"mean": float("nan")}', "it contains NaN"),
        ('[1, -float("inf")]', "it contains -Infinity"),
        ("chr(0xD800)", r"it contains the unpaired surrogate '\ud800'"),
        ("{chr(0xDFFF): 1}", r"it contains the unpaired surrogate '\udfff'"),
    ],
)
def test_an_answer_that_step_functions_cannot_read_fails(lab: Lab, answer: str, said: str) -> None:
    make(lab, f"def handler(event, context): return {answer}", Runtime="python3.11")
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:fn", "End": True}
    for state in (task, invoke_state("fn")):
        execution = lab.play({"T": state})
        assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
        assert said in (execution.cause or "")


def test_newer_pythons_end_over_a_lone_surrogate(lab: Lab) -> None:
    make(lab, "def handler(event, context): return chr(0xD800)", Runtime="python3.13")
    assert lab.play({"T": invoke_state("fn")}).error == "Runtime.ExitError"


@pytest.mark.parametrize("answer", ["chr(0x1F600)", "'NaN'", "{'Infinity': [None]}", "b'NaN or not'"])
def test_what_only_looks_like_it_is_read(lab: Lab, answer: str) -> None:
    make(lab, f"def handler(event, context): return {answer}", Runtime="python3.11")
    value = eval(answer)
    payload = output_of(lab.play({"T": invoke_state("fn")}))["Payload"]
    assert payload == (value.decode() if isinstance(value, bytes) else value)
