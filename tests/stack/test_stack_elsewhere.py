"""Layers by their ARNs and container images: what is here for them, left out, or refused at its line."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from wheels import only_wheels, wheel

from harness.functions.host.pythons import OWN
from harness.image_source import ImageSource
from harness.stack.build import Builder
from harness.stack.packaging import Code, Package, package
from harness.stack.public_layers import LAYERS, layer_refusal, name_of
from harness.stack.runtimes import runtime_problems
from harness.stack.template import TemplateError

RUNTIME = f"python{OWN}"
POWERTOOLS = "arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python312-x86_64:7"
INSIGHTS = "arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:38"
IMAGE = {"PackageType": "Image", "Code": {"ImageUri": "1.dkr.ecr.eu-west-1.amazonaws.com/r:1"}, "Role": "r"}
Project = Callable[..., Package]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]) -> Project:
    """Package a template with the function `Fn` and files beside it."""
    only_wheels(tmp_path / "wheels", monkeypatch)
    monkeypatch.chdir(tmp_path)

    def project(
        properties: dict[str, Any],
        files: dict[str, str] | None = None,
        resources: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        **code: Any,
    ) -> Package:
        for name, text in {"fn/app.py": "", **(files or {})}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        function = {"Type": "AWS::Lambda::Function", "Properties": properties, "Metadata": metadata or {}}
        template = {"Resources": {"Fn": function, **(resources or {})}}
        (tmp_path / "template.yaml").write_text(json.dumps(template, indent=1))
        return package(tmp_path / "template.yaml", "bucket", code=Code(Builder(said.append), **code))

    return project


def zip_function(*layers: Any) -> dict[str, Any]:
    return {"Code": "./fn", "Runtime": RUNTIME, "Handler": "app.handler", "Role": "r", "Layers": [*layers]}


def of(made: Package, name: str = "Fn") -> Any:
    resources: Any = made.template["Resources"]
    return resources[name]["Properties"]


def names(made: Package, key: str) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(made.files[key])) as archive:
        return {name for name in archive.namelist() if ".dist-info" not in name}


@pytest.mark.parametrize(
    "layer",
    [
        POWERTOOLS,
        {"Fn::Sub": POWERTOOLS.replace("eu-west-1", "${AWS::Region}")},
        {
            "Fn::Join": [
                "",
                [
                    "arn:",
                    {"Ref": "AWS::Partition"},
                    ":lambda:",
                    {"Ref": "AWS::Region"},
                    POWERTOOLS.partition("west-1")[2],
                ],
            ]
        },
    ],
)
def test_a_folder_stands_for_a_layer(project: Project, tmp_path: Path, layer: Any) -> None:
    own = {"Own": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": "./own"}}}
    files = {"lay/python/shared.py": "", "own/python/x.py": ""}
    layers = {"arn:*:lambda:*:017000801446:layer:AWSLambdaPowertoolsPythonV3-*": tmp_path / "lay"}
    made = project(zip_function(INSIGHTS, layer, {"Ref": "Own"}), files, own, layers=layers)
    name = "AWSLambdaPowertoolsPythonV3python312x8664"
    assert of(made)["Layers"] == [{"Ref": name}, {"Ref": "Own"}]
    assert of(made, name)["LayerName"] == "AWSLambdaPowertoolsPythonV3-python312-x86_64"
    assert names(made, of(made, name)["Content"]["S3Key"]) == {"python/shared.py"}
    (note,) = made.notes
    assert (note.heading, note.subject) == ("not served here", "Fn.Layers (AWS::Lambda::Function)")
    assert note.text == f"{INSIGHTS} is omitted: it only sends telemetry"
    assert note.place.startswith("template.yaml:")


def test_one_folder_for_two_functions_is_one_layer(project: Project, tmp_path: Path) -> None:
    other = {"Type": "AWS::Lambda::Function", "Properties": zip_function(POWERTOOLS)}
    layers = {"arn:*": tmp_path / "lay"}
    made = project(zip_function(POWERTOOLS), {"lay/python/a.py": ""}, {"Other": other}, layers=layers)
    assert of(made)["Layers"] == of(made, "Other")["Layers"]
    assert len(made.template["Resources"]) == 3  # type: ignore[arg-type]


def test_a_folder_with_requirements_is_built(project: Project, tmp_path: Path, said: list[str]) -> None:
    wheel(tmp_path / "wheels", "thing")
    layers = {"arn:*": tmp_path / "lay"}
    made = project(zip_function(POWERTOOLS), {"lay/requirements.txt": "thing"}, layers=layers)
    (layer,) = of(made)["Layers"]
    found = names(made, of(made, layer["Ref"])["Content"]["S3Key"])
    assert found == {"python/requirements.txt", "python/thing/__init__.py"}
    assert len(said) == 1


def test_a_folder_that_is_not_there_is_told_with_the_command(project: Project, tmp_path: Path) -> None:
    layers = {"arn:*": tmp_path / "lay"}
    message = (
        rf"template\.yaml:\d+:\d+: Fn: layers in \[tool.harness\] replaces {POWERTOOLS} with lay, "
        r"which does not exist; create it: pip install -t lay/python 'aws-lambda-powertools\[all\]>=3,<4'"
    )
    with pytest.raises(TemplateError, match=message):
        project(zip_function(POWERTOOLS), layers=layers)
    (problem,) = runtime_problems(tmp_path / "template.yaml", {}, "moto", layers)
    assert "which does not exist" in problem.message


def test_what_has_a_folder_or_does_no_harm_is_no_problem(project: Project, tmp_path: Path) -> None:
    layers = {"arn:*:017000801446:*": tmp_path / "lay"}
    unknown = "arn:aws:lambda:us-east-1:1:layer:mine:3"
    project(zip_function(INSIGHTS, POWERTOOLS, unknown), {"lay/python/a.py": ""}, layers=layers)
    (problem,) = runtime_problems(tmp_path / "template.yaml", {}, "moto", layers)
    assert problem.message == f"Fn: layer {unknown} is not available"
    assert problem.where.line == 13


@pytest.mark.parametrize(
    ("arn", "remedy"),
    [
        (
            POWERTOOLS,
            "pip install -t layers/aws-lambda-powertools/python 'aws-lambda-powertools[all]>=3,<4', and "
            'layers = {"arn:*:lambda:*:017000801446:layer:AWSLambdaPowertoolsPythonV3-python312-x86_64:*" = '
            '"./layers/aws-lambda-powertools"} in [tool.harness]',
        ),
        (
            "arn:aws:lambda:${AWS::Region}:017000801446:layer:AWSLambdaPowertoolsPythonV2:32",
            "pip install -t layers/aws-lambda-powertools/python 'aws-lambda-powertools[all]>=2,<3', and",
        ),
        (
            "arn:aws:lambda:us-east-1:770693421928:layer:Klayers-p311-Pillow:2",
            "pip install -t layers/pillow/python Pillow, and",
        ),
        (
            "arn:aws:lambda:us-east-1:336392948345:layer:AWSSDKPandas-Python312-Arm64:1",
            "pip install -t layers/awswrangler/python awswrangler, and",
        ),
        ("arn:aws:lambda:us-east-1:464622532012:layer:Datadog-Python312:99", "python datadog-lambda, and"),
        (
            "arn:aws:lambda:us-east-1:943013980633:layer:SentryPythonServerlessSDK:99",
            "python sentry-sdk, and",
        ),
        (
            "arn:aws:lambda:${AWS::Region}:175033217214:layer:graphicsmagick:2",
            'curl -o layers/graphicsmagick.zip --create-dirs "$(aws lambda get-layer-version-by-arn --arn '
            "arn:aws:lambda:<region>:175033217214:layer:graphicsmagick:2 ",
        ),
        (
            "arn:aws:lambda:us-east-1:1:layer:AWS-Parameters-and-Secrets-Lambda-Extension:4",
            "replace it with a folder, which may be empty, if the scenarios do not need the layer: layers = ",
        ),
        (
            "arn:aws:lambda:${AWS::Region}:753240598075:layer:LambdaAdapterLayerX86:25",
            "for the scenarios, replace the function with a Python function that returns the same results",
        ),
    ],
)
def test_a_refusal_has_the_command_and_the_setting(arn: str, remedy: str) -> None:
    message, said = layer_refusal(arn)
    assert message.startswith(f"layer {arn} is not available")
    assert remedy in said


def test_each_known_layer_says_one_thing() -> None:
    for each in LAYERS:
        assert sum(map(bool, (each.packages, each.harmless, each.missing))) == 1, each.pattern
    assert name_of("no ARN") == ""


DOCKERFILE = (
    "FROM public.ecr.aws/lambda/python:3.12\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\n"
    'COPY app.py ./\nCMD ["app.from_cmd"]\n'
)
CONTEXT = {"img/Dockerfile": DOCKERFILE, "img/app.py": "", "img/requirements.txt": "thing", "img/no.py": ""}


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"DockerContext": "./img"},
        {
            "aws:asset:path": "img",
            "aws:asset:dockerfile-path": "Dockerfile",
            "aws:asset:property": "Code.ImageUri",
        },
    ],
    ids=["settings", "sam", "cdk"],
)
def test_an_image_is_run_from_what_its_dockerfile_copies(
    project: Project, tmp_path: Path, said: list[str], metadata: dict[str, Any]
) -> None:
    wheel(tmp_path / "wheels", "thing")
    images = {} if metadata else {"Fn": ImageSource(tmp_path / "img")}
    made = project(IMAGE, CONTEXT, metadata=metadata, images=images)
    properties = of(made)
    key = properties["Code"]["S3Key"]
    assert properties == {
        "Role": "r",
        "Handler": "app.from_cmd",
        "Runtime": "python3.12",
        "Code": {"S3Bucket": "bucket", "S3Key": key},
    }
    assert names(made, key) == {"app.py", "requirements.txt", "thing/__init__.py"}
    assert said[0].startswith("function Fn: installing thing (img/requirements.txt) from ")
    (note,) = made.notes
    assert (note.heading, note.subject, note.text) == (
        "runtime",
        "Fn",
        "ran from img, not in its container image",
    )
    assert runtime_problems(tmp_path / "template.yaml", {}, "moto", {}, images) == []


def test_a_folder_with_handler_and_runtime_needs_no_dockerfile(project: Project, tmp_path: Path) -> None:
    images = {"Fn": ImageSource(tmp_path / "fn", "app.handler", RUNTIME)}
    made = project(IMAGE, images=images)
    assert (of(made)["Handler"], of(made)["Runtime"]) == ("app.handler", RUNTIME)
    assert names(made, of(made)["Code"]["S3Key"]) == {"app.py"}


def test_the_command_of_the_function_comes_before_that_of_the_image(project: Project) -> None:
    files = {**CONTEXT, "img/requirements.txt": ""}
    given = {**IMAGE, "ImageConfig": {"Command": ["app.own"], "WorkingDirectory": "/var/task"}}
    made = project(given, files, metadata={"DockerContext": "./img", "Dockerfile": "Dockerfile"})
    assert of(made)["Handler"] == "app.own"
    assert "ImageConfig" not in of(made)


@pytest.mark.usefixtures("nothing_starts")
def test_a_function_that_is_not_made_needs_nothing(project: Project, tmp_path: Path) -> None:
    (tmp_path / "fn").mkdir()
    (tmp_path / "fn" / "requirements.txt").write_text("nowhere")
    functions = {
        "Zip": zip_function(POWERTOOLS),
        "Image": {**IMAGE, "ImageConfig": {"EntryPoint": ["/x"]}},
    }
    resources = {
        name: {
            "Type": "AWS::Lambda::Function",
            "Condition": "Never",
            "Metadata": {"DockerContext": "./none"},
            "Properties": properties,
        }
        for name, properties in functions.items()
    }
    template = {"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}, "Resources": resources}
    (tmp_path / "template.yaml").write_text(json.dumps(template))
    code = Code(Builder(pytest.fail), build=True, layers={"arn:*": tmp_path / "none"})
    assert package(tmp_path / "template.yaml", "bucket", code=code).notes == ()


def test_variables_of_the_image_are_the_functions(project: Project) -> None:
    text = "FROM public.ecr.aws/lambda/python:3.12\nENV A=image B=image\nCOPY app.py ./\nCMD app.handler\n"
    given = {**IMAGE, "Environment": {"Variables": {"B": "own"}}}
    made = project(given, {**CONTEXT, "img/Dockerfile": text}, metadata={"DockerContext": "./img"})
    assert of(made)["Environment"] == {"Variables": {"A": "image", "B": "own"}}


@pytest.mark.parametrize(
    ("more", "files", "message"),
    [
        ({"ImageConfig": {"EntryPoint": ["/x"]}}, CONTEXT, "Fn: ImageConfig.EntryPoint is not supported"),
        (
            {"ImageConfig": {"WorkingDirectory": "/x"}},
            CONTEXT,
            "ImageConfig.WorkingDirectory is not supported",
        ),
        ({}, {}, "Fn: folder .* not found"),
        ({}, {"img/app.py": ""}, "Dockerfile not found; write images = {Fn = {code ="),
        ({}, {"img/Dockerfile": "FROM public.ecr.aws/lambda/python:3.12\n"}, "neither CMD nor ImageConfig"),
        (
            {},
            {"img/Dockerfile": "FROM public.ecr.aws/lambda/python:3.12\nRUN make\n"},
            r"^img/Dockerfile:2:1: Fn: RUN make is not supported; specify the folder with its Python code: ",
        ),
    ],
)
def test_an_image_that_cannot_be_run_is_refused(
    project: Project, tmp_path: Path, more: dict[str, Any], files: dict[str, str], message: str
) -> None:
    with pytest.raises(TemplateError, match=message):
        project({**IMAGE, **more}, files, metadata={"DockerContext": "./img"})
    (problem,) = runtime_problems(tmp_path / "template.yaml", {}, "moto")
    assert message.rpartition("Fn: ")[2].partition(" .*")[0].partition(";")[0] in problem.message


def test_an_image_of_which_nothing_is_here_is_refused_by_name(project: Project, tmp_path: Path) -> None:
    project(IMAGE)
    (problem,) = runtime_problems(tmp_path / "template.yaml", {}, "moto")
    assert problem.message == (
        "Fn: PackageType Image is not supported; only Python functions in a folder or a zip file are"
    )
    assert problem.remedy.startswith(
        'write images = {Fn = {code = "./Fn", handler = "app.handler", runtime = '
    )
