"""A SAM project around its template: samconfig.toml, and what `sam build` made."""

from __future__ import annotations

import os
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from harness.regions import Place
from harness.settings import Settings
from harness.stack.model import Resource
from harness.stack.not_served import notes_of
from harness.stack.packaging import package
from harness.stack.sam_project import (
    ConfigurationError,
    build_note,
    configured_parameters,
    configured_region,
)
from harness.stack.stack_choice import place_for
from harness.stack.template import read_template, written

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ./fn, Handler: app.handler, Runtime: python3.13}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "fn").mkdir()
    (tmp_path / "fn" / "app.py").write_text("def handler(event, context): ...\n")
    return tmp_path / "template.yaml"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("samconfig.toml", "parameter_overrides = 'Stage=ci'", {"Stage": "ci"}),
        ("samconfig.toml", r'parameter_overrides = "Stage=\"a b\" Days=7"', {"Stage": "a b", "Days": "7"}),
        ("samconfig.toml", "parameter_overrides = ['Stage=ci', 'Days=7']", {"Stage": "ci", "Days": "7"}),
        (
            "samconfig.toml",
            "parameter_overrides = 'ParameterKey=Stage,ParameterValue=a,b'",
            {"Stage": "a,b"},
        ),
        ("samconfig.toml", "stack_name = 'x'", {}),
        (
            "samconfig.yaml",
            "default: {deploy: {parameters: {parameter_overrides: [Stage=ci]}}}",
            {"Stage": "ci"},
        ),
    ],
)
def test_parameters_are_those_of_sam_deploy(
    project: Path, name: str, text: str, expected: dict[str, str]
) -> None:
    heading = "[default.deploy.parameters]\n" if name.endswith("toml") else ""
    project.with_name(name).write_text(heading + text)
    assert configured_parameters(project) == expected


def test_deploy_comes_before_global(project: Path) -> None:
    project.with_name("samconfig.toml").write_text(
        "[default.global.parameters]\nparameter_overrides = 'Stage=a Days=1'\n"
        "[default.deploy.parameters]\nparameter_overrides = 'Stage=b'\n"
    )
    assert configured_parameters(project) == {"Stage": "b", "Days": "1"}


def test_a_template_without_sam_has_no_samconfig(project: Path) -> None:
    project.with_name("samconfig.toml").write_text("not TOML")
    project.write_text("Resources: {T: {Type: AWS::SNS::Topic}}")
    assert configured_parameters(project) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("default = [", "samconfig.toml: cannot be read"),
        ("[default.deploy.parameters]\nparameter_overrides = 'Stage'", "'Stage' is not NAME=VALUE"),
    ],
)
def test_a_wrong_samconfig_is_named(project: Path, text: str, says: str) -> None:
    project.with_name("samconfig.toml").write_text(text)
    with pytest.raises(ConfigurationError, match="samconfig") as error:
        configured_parameters(project)
    assert says in str(error.value)


def built(project: Path, seconds: int) -> None:
    """Build like `sam build`, this number of seconds after everything else."""
    folder = project.parent / ".aws-sam" / "build"
    (folder / "Hello").mkdir(parents=True)
    (folder / "Hello" / "app.py").write_text("def handler(event, context): return 'built'\n")
    (folder / "template.yaml").write_text(TEMPLATE.replace("./fn", "Hello"))
    newest_ns = max(path.stat().st_mtime_ns for path in (project, project.parent / "fn" / "app.py"))
    moment_ns = newest_ns + seconds * 1_000_000_000
    os.utime(folder / "template.yaml", ns=(moment_ns, moment_ns))


def test_what_sam_build_made_is_taken_while_it_is_newer(project: Path) -> None:
    built(project, 60)
    assert read_template(project)["Resources"]["Hello"]["Properties"]["Code"] == ".aws-sam/build/Hello"  # type: ignore[index,call-overload]
    (code,) = package(project, "bucket").files.values()
    with ZipFile(BytesIO(code)) as archive:
        assert b"'built'" in archive.read("app.py")
    note = build_note(project, written(project))
    assert note is not None
    assert "the output of `sam build`" in note.text


def test_the_source_is_taken_when_something_of_it_is_newer(project: Path) -> None:
    built(project, -60)
    assert read_template(project)["Resources"]["Hello"]["Properties"]["Code"] == "./fn"  # type: ignore[index,call-overload]
    note = build_note(project, written(project))
    assert note is not None
    assert "is newer than .aws-sam/build" in note.text


def test_a_project_that_was_never_built_has_no_note(project: Path) -> None:
    assert build_note(project, written(project)) is None


def test_parameters_without_a_default_are_those_of_the_stack(project: Path) -> None:
    project.write_text(
        TEMPLATE.replace("Handler: app.handler", "Handler: app.handler, AutoPublishAlias: !Ref Stage")
    )
    made = package(project, "bucket", {"Stage": "live"}).template["Resources"]
    assert isinstance(made, dict)
    assert "HelloAliaslive" in made
    assert notes_of(project, {name: Resource("", name) for name in made}, {}, {"Stage": "live"}) == ()


@pytest.mark.parametrize(
    ("text", "region", "place"),
    [
        ("[default.deploy.parameters]\nregion = 'eu-west-1'\n", "eu-west-1", "eu-west-1"),
        ("[default.global.parameters]\nregion = 'eu-west-2'\n", "eu-west-2", "eu-west-2"),
        (
            "[default.global.parameters]\nregion = 'eu-west-2'\n"
            "[default.deploy.parameters]\nregion = 'eu-west-1'\n",
            "eu-west-1",
            "eu-west-1",
        ),
        ("[default.deploy.parameters]\nregion = '<your region>'\n", "", "us-east-1"),
        ("[prod.deploy.parameters]\nregion = 'eu-west-1'\n", "", "us-east-1"),
    ],
)
def test_the_region_of_samconfig_is_that_of_the_run(
    project: Path, text: str, region: str, place: str
) -> None:
    (project.parent / "samconfig.toml").write_text(text)
    assert configured_region(project) == region
    settings = Settings(root=project.parent, template=project)
    assert place_for(settings) == Place(place, "123456789012")
    assert place_for(replace(settings, region="us-west-2")).region == "us-west-2"
    project.write_text("Resources: {}\n")
    assert configured_region(project) == ""
