"""Functions and layers are built like SAM builds them, but only into their zip files."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from wheels import only_wheels, wheel

from harness.functions.host.pythons import OWN
from harness.stack.build import FUNCTION, LAYER, Build, Builder, BuildError, build_of, is_buildable
from harness.stack.packaging import Code, package
from harness.stack.template import TemplateError, is_sam

Packaged = Callable[..., dict[str, bytes]]
RUNTIME = f"python{OWN}"


def function(**more: Any) -> dict[str, Any]:
    return {"Type": FUNCTION, **more}


@pytest.mark.parametrize(
    ("resource", "sam", "setting", "expected"),
    [
        (function(), True, None, Build("function X", RUNTIME, "pip")),
        (function(), True, False, None),
        (function(), False, None, None),
        (function(), False, True, Build("function X", RUNTIME, "any")),
        (function(Metadata={"BuildMethod": "python3.12"}), True, None, Build("function X", RUNTIME, "pip")),
        (function(Metadata={"BuildMethod": "python-uv"}), True, None, Build("function X", RUNTIME, "uv")),
        (function(Metadata={"BuildMethod": "makefile"}), False, None, None),
        (function(Metadata={"SkipBuild": True}), True, None, None),
        ({"Type": LAYER}, True, None, None),
        ({"Type": LAYER}, False, True, None),
        (
            {"Type": LAYER, "Metadata": {"BuildMethod": "python3.12"}},
            True,
            None,
            Build("layer X", "python3.12", "pip", "python"),
        ),
        (
            {
                "Type": LAYER,
                "Metadata": {"BuildMethod": "python-uv"},
                "Properties": {"CompatibleRuntimes": ["python3.13"]},
            },
            True,
            None,
            Build("layer X", "python3.13", "uv", "python"),
        ),
        ({"Type": LAYER, "Metadata": {"BuildMethod": "nodejs22.x"}}, True, None, None),
    ],
)
def test_what_is_built(
    resource: dict[str, Any], sam: bool, setting: bool | None, expected: Build | None
) -> None:
    assert build_of("X", resource, RUNTIME, sam=sam, setting=setting) == expected


def test_a_layer_of_sam_has_the_name_that_its_template_gives_it() -> None:
    layer = {"Type": LAYER, "Metadata": {"BuildMethod": "python3.12"}}
    found = build_of("Sharedc36cfc1fb8", layer, "", sam=True)
    assert found == Build("layer Shared", "python3.12", "pip", "python")


def test_other_runtimes_are_not_built() -> None:
    assert build_of("X", function(), "nodejs22.x", sam=True) is None
    assert build_of("X", function(Metadata={"BuildMethod": "esbuild"}), "nodejs22.x", sam=True) is None


@pytest.mark.parametrize("kind", [FUNCTION, LAYER])
def test_other_methods_are_refused_with_the_way_round(kind: str) -> None:
    with pytest.raises(BuildError, match="BuildMethod makefile is not supported") as caught:
        build_of("X", {"Type": kind, "Metadata": {"BuildMethod": "makefile"}}, RUNTIME, sam=True)
    assert "run `sam build`" in caught.value.remedy


def test_what_sam_has_built_is_no_source(tmp_path: Path) -> None:
    for name in ("fn", ".aws-sam/build/Fn"):
        (tmp_path / name).mkdir(parents=True)
    assert is_buildable(tmp_path / "fn")
    assert not is_buildable(tmp_path / ".aws-sam/build/Fn")
    assert not is_buildable(tmp_path / "none.zip")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Transform: AWS::Serverless-2016-10-31\nResources: {}\n", True),
        ("Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\nResources: {}\n", True),
        ("# AWS::Serverless-2016-10-31\nResources: {}\n", False),
        ('{"Transform": "AWS::Serverless-2016-10-31"}', True),
    ],
)
def test_a_template_for_sam(tmp_path: Path, text: str, expected: bool) -> None:
    (tmp_path / "template.yaml").write_text(text)
    assert is_sam(tmp_path / "template.yaml") is expected


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    only_wheels(tmp_path / "wheels", monkeypatch)
    monkeypatch.chdir(tmp_path)
    wheel(tmp_path / "wheels", "thing")
    return tmp_path / "wheels"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def packaged(tmp_path: Path, wheels: Path, said: list[str]) -> Packaged:
    """Package a template with one function or layer `X` in the folder `fn`. Return the files in its zip."""

    def packaged(resource: dict[str, Any], files: dict[str, str], **code: Any) -> dict[str, bytes]:
        for name, text in files.items():
            (tmp_path / "fn" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "fn" / name).write_text(text)
        path = tmp_path / "template.yaml"
        path.write_text(json.dumps({"Resources": {"X": resource}}))
        made = package(path, "bucket", code=Code(Builder(said.append), **code))
        (content,) = made.files.values()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    return packaged


FN = function(Properties={"Code": "./fn", "Runtime": RUNTIME, "Handler": "app.handler", "Role": "r"})


def test_source_and_requirements_are_one_zip(packaged: Packaged, said: list[str], tmp_path: Path) -> None:
    files = {
        "app.py": "import thing\n",
        "requirements.txt": "thing\n",
        "thing/__init__.py": "OURS = True\n",
        "env/x.py": "",
        "lib.so": "",
    }
    (tmp_path / "fn" / "thing").mkdir(parents=True)
    assert packaged(FN, {**files}, build=True).keys() == {
        "app.py",
        "requirements.txt",
        "thing/__init__.py",
    }
    assert said == [], "a module of that name is there"


def test_the_source_comes_before_what_is_installed(packaged: Packaged) -> None:
    wheel(Path("wheels"), "other", files={"other.py": "", "helpers.py": "OURS = False\n"})
    files = {"app.py": "", "helpers.py": "OURS = True\n", "requirements.txt": "other"}
    found = packaged(FN, files, build=True)
    assert found["helpers.py"] == b"OURS = True\n"
    assert "other.py" in found


def test_nothing_of_the_folder_is_changed(packaged: Packaged, tmp_path: Path) -> None:
    assert "thing/__init__.py" in packaged(FN, {"app.py": "", "requirements.txt": "thing"}, build=True)
    assert sorted(each.name for each in (tmp_path / "fn").iterdir()) == ["app.py", "requirements.txt"]


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize(
    ("requirements", "build"),
    [("thing", None), ("thing", False), ("boto3>=1.28\nurllib3\n", True), ("", True)],
)
def test_nothing_is_installed_where_nothing_is_to_be(
    packaged: Packaged, requirements: str, build: bool | None, said: list[str]
) -> None:
    found = packaged(FN, {"app.py": "", "requirements.txt": requirements}, build=build)
    assert found.keys() == {"app.py", "requirements.txt"}
    assert said == []


@pytest.mark.usefixtures("nothing_starts")
def test_a_look_installs_nothing(tmp_path: Path, wheels: Path, said: list[str]) -> None:
    (tmp_path / "fn").mkdir()
    (tmp_path / "fn" / "requirements.txt").write_text("thing")
    builder = replace(Builder(said.append), installing=False)
    built = builder.built(tmp_path / "fn", Build("function X", RUNTIME, "pip"))
    with zipfile.ZipFile(io.BytesIO(built)) as archive:
        assert archive.namelist() == ["requirements.txt"]
    assert said == ["function X: thing"]


def test_functions_with_one_folder_are_built_once(tmp_path: Path, wheels: Path, said: list[str]) -> None:
    (tmp_path / "fn").mkdir()
    (tmp_path / "fn" / "requirements.txt").write_text("thing")
    (tmp_path / "template.yaml").write_text(json.dumps({"Resources": {"X": FN, "Y": FN}}))
    made = package(tmp_path / "template.yaml", "bucket", code=Code(Builder(said.append), build=True))
    assert len(made.files) == 1
    assert len(said) == 1


def test_a_layer_is_built_into_python(packaged: Packaged) -> None:
    layer = {
        "Type": LAYER,
        "Metadata": {"BuildMethod": RUNTIME},
        "Properties": {"Content": "./fn"},
    }
    found = packaged(layer, {"requirements.txt": "thing", "shared.py": ""}, build=True)
    names = {name for name in found if ".dist-info" not in name}
    assert names == {"python/requirements.txt", "python/shared.py", "python/thing/__init__.py"}
    assert packaged({**layer, "Metadata": {}}, {}, build=True).keys() == {"requirements.txt", "shared.py"}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"requirements.txt": "nowhere"}, "nowhere in fn/requirements.txt must be installed for Python"),
        ({"pyproject.toml": "[", "requirements.txt": ""}, r"pyproject.toml cannot be read"),
    ],
)
def test_what_cannot_be_installed_is_told_at_the_resource(
    packaged: Packaged, files: dict[str, str], message: str
) -> None:
    with pytest.raises(TemplateError, match=rf"template\.yaml:1:\d+: resource X: .*{message}"):
        packaged(FN, files, build=True)


def test_a_method_that_is_not_done_is_told_at_the_resource(packaged: Packaged) -> None:
    with pytest.raises(TemplateError, match=r"resource X: BuildMethod makefile is not supported; run `sam"):
        packaged({**FN, "Metadata": {"BuildMethod": "makefile"}}, {"app.py": ""}, build=True)
