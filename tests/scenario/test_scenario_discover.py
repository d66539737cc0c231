"""Finding scenario files in files and folders."""

from pathlib import Path

import pytest

from harness.scenario.discover import discover, keys_at_top, no_scenario
from harness.scenario.position import ScenarioError

SCENARIO = "title: t\nexpect: {execution: {status: SUCCEEDED}}\n"
OTHER = "services:\n  db:\n    title: x\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.yaml", "a.yml", "sub/c.yaml", "notes.txt", ".hidden/d.yaml", "empty/x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(SCENARIO)
    return tmp_path


def test_a_folder_gives_its_files_sorted_and_without_hidden_ones(folder: Path) -> None:
    assert discover([folder]).files == (folder / "a.yml", folder / "b.yaml", folder / "sub/c.yaml")


def test_files_keep_their_order_and_come_once(folder: Path) -> None:
    assert discover([folder / "b.yaml", folder]).files == (
        folder / "b.yaml",
        folder / "a.yml",
        folder / "sub/c.yaml",
    )


def test_a_folder_may_itself_be_below_a_hidden_one(folder: Path) -> None:
    assert discover([folder / ".hidden"]).files == (folder / ".hidden/d.yaml",)


def test_every_path_that_gives_nothing_is_told(folder: Path) -> None:
    (folder / "other.yaml").write_text(OTHER)
    with pytest.raises(ScenarioError) as error:
        discover([folder / "none", folder / "empty", folder / "notes.txt", folder / "other.yaml"])
    assert list(map(str, error.value.problems)) == [
        f"{folder / 'empty'}:1:1: this folder contains no scenario files; "
        "specify a folder with .yaml files that have `title` and `expect` at the top level",
        f"{folder / 'none'}:1:1: file or folder not found; correct the path",
        f"{folder / 'notes.txt'}:1:1: this is not a scenario file; specify a .yaml or .yml file, or a folder",
        f"{folder / 'other.yaml'}:1:1: not a scenario, because it has no `title` and no `expect` at the top "
        "level; add them, or specify a different file",
    ]


def test_other_yaml_in_a_folder_is_left_alone_and_said_once(folder: Path) -> None:
    (folder / "other.yaml").write_text(OTHER)
    found = discover([folder, folder])
    assert folder / "other.yaml" not in found.files
    reason = "not a scenario, because it has no `title` and no `expect` at the top level"
    assert found.left == (f"{folder / 'other.yaml'} is ignored: {reason}",)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (SCENARIO, {"title", "expect"}),
        ("titel: t\nexpect: {}\n", {"expect"}),
        ('"title": t\n', {"title"}),
        ("{title: t, expect: {}}\n", {"title", "expect"}),
        ("title: t\n  broken: [\n", {"title"}),
        (OTHER, set()),
        ("", set()),
        ("- title: x\n", set()),
        ("broken: [\n", set()),
        ("# title: x\n", set()),
    ],
)
def test_a_broken_scenario_is_still_one(tmp_path: Path, text: str, keys: set[str]) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text)
    assert keys_at_top(file) == keys
    assert bool(no_scenario(file)) == (keys != {"title", "expect"})
    if keys:
        assert discover([file]).files == discover([tmp_path]).files == (file,)


@pytest.mark.parametrize(
    "text",
    [
        "Description: x\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n",
        '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}',
        '{\n  "Resources": {\n    "Topic": {"Type": "AWS::SNS::Topic"}\n  }\n}\n',
    ],
)
def test_a_template_is_named_as_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "template.yaml").write_text(text)
    with pytest.raises(ScenarioError) as error:
        discover([tmp_path / "template.yaml"])
    assert str(error.value) == (
        f"{tmp_path}/template.yaml:1:1: this is a CloudFormation template, not a scenario; "
        "specify it in a scenario, under `stack: {template: ...}`, or as template in [tool.harness]"
    )


def test_a_scenario_that_quotes_a_template_is_a_scenario(tmp_path: Path) -> None:
    text = SCENARIO + "description: |\n  Resources:\n    Topic: {Type: AWS::SNS::Topic}\n"
    (tmp_path / "a.yaml").write_text(text)
    assert discover([tmp_path / "a.yaml"]).files == (tmp_path / "a.yaml",)


def test_a_file_that_cannot_be_read_does_not_vanish(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert folder / "b.yaml" in discover([folder]).files
