"""Local paths are packaged like `aws cloudformation package` does it."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.stack.archive import zipped
from harness.stack.packaging import Code, Package, package
from harness.stack.template import TemplateError

Zip = zipfile.ZipFile


def resource(kind: str, properties: str) -> str:
    return f"Resources:\n  R:\n    Type: {kind}\n    Properties: {properties}\n"


CODE = resource("AWS::Lambda::Function", "{Code: ./fn, Role: r, Handler: a.b, Runtime: python3.12}")


def packaged(folder: Path, template: str, files: Mapping[str, str | bytes] | None = None) -> Package:
    for name, content in {"template.yaml": template, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return package(folder / "template.yaml", "bucket")


def properties(made: Package) -> Any:
    resources: Any = made.template["Resources"]
    return resources["R"]["Properties"]


def archive(made: Package, key: str) -> Zip:
    return Zip(io.BytesIO(made.files[key]))


def zip_of(**files: str) -> bytes:
    buffer = io.BytesIO()
    with Zip(buffer, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["fn.zip", "fn.jar", "fn"])
def test_a_zip_file_is_uploaded_as_it_is(tmp_path: Path, name: str) -> None:
    content = zip_of(app="x")
    made = packaged(tmp_path, CODE.replace("./fn", f"./{name}"), {name: content})
    assert made.files[properties(made)["Code"]["S3Key"]] == content


def test_another_single_file_is_zipped(tmp_path: Path) -> None:
    made = packaged(tmp_path, CODE.replace("./fn", "./app.py"), {"app.py": "x = 1\n"})
    with archive(made, properties(made)["Code"]["S3Key"]) as found:
        assert {name: found.read(name) for name in found.namelist()} == {"app.py": b"x = 1\n"}


def test_modes_stay(tmp_path: Path) -> None:
    made = packaged(tmp_path, CODE, {"fn/app.py": ""})
    (tmp_path / "fn/bin").mkdir()
    (tmp_path / "fn/bin/tool.sh").write_text("#!/bin/sh\n")
    (tmp_path / "fn/bin/tool.sh").chmod(0o755)
    (tmp_path / "fn/app.py").chmod(0o640)
    made = package(tmp_path / "template.yaml", "bucket")
    with archive(made, properties(made)["Code"]["S3Key"]) as found:
        modes = {each.filename: stat.S_IMODE(each.external_attr >> 16) for each in found.infolist()}
    assert modes == {"app.py": 0o640, "bin/tool.sh": 0o755}


def test_links_are_followed(tmp_path: Path) -> None:
    packaged(tmp_path, CODE, {"fn/app.py": "", "shared/lib/a.py": "A = 1\n", "one.py": "B = 2\n"})
    (tmp_path / "fn/lib").symlink_to(tmp_path / "shared/lib")
    (tmp_path / "fn/one.py").symlink_to(tmp_path / "one.py")
    with Zip(io.BytesIO(zipped(tmp_path / "fn"))) as found:
        assert {name: found.read(name) for name in found.namelist()} == {
            "app.py": b"",
            "lib/a.py": b"A = 1\n",
            "one.py": b"B = 2\n",
        }


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    packaged(tmp_path, CODE, {"fn/app.py": ""})
    (tmp_path / "fn/gone.py").symlink_to(tmp_path / "nowhere")
    message = r"template\.yaml:4:18: resource R: .*fn/gone\.py cannot be read \(No such file or directory\)"
    with pytest.raises(TemplateError, match=message):
        package(tmp_path / "template.yaml", "bucket")
    (tmp_path / "fn/gone.py").unlink()
    (tmp_path / "fn/up").symlink_to(tmp_path / "fn")
    with pytest.raises(TemplateError, match=r"fn/up is a link to one of its parent folders"):
        package(tmp_path / "template.yaml", "bucket")


def test_code_over_lambdas_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.stack.archive.UNZIPPED_BYTES", 3000)
    packaged(tmp_path, CODE, {"fn/app.py": "x" * 3000})
    with pytest.raises(TemplateError, match=r"Unzipped size must be smaller than 3000 bytes; .*fn has 3001"):
        packaged(tmp_path, CODE, {"fn/app.py": "x" * 3001})


@pytest.mark.parametrize(
    ("kind", "text", "read"),
    [
        ("AWS::Lambda::LayerVersion", "{Content: ./dir}", ("Content", "S3Bucket", "S3Key")),
        ("AWS::CodeCommit::Repository", "{Code: {S3: ./dir}}", ("Code", "S3", "Bucket", "Key")),
        (
            "AWS::ElasticBeanstalk::ApplicationVersion",
            "{SourceBundle: ./dir}",
            ("SourceBundle", "S3Bucket", "S3Key"),
        ),
    ],
)
def test_folders_of_other_resources(tmp_path: Path, kind: str, text: str, read: tuple[str, ...]) -> None:
    made = packaged(tmp_path, resource(kind, text), {"dir/a.txt": "x"})
    *path, bucket, key = read
    found = properties(made)
    for name in path:
        found = found[name]
    assert found[bucket] == "bucket"
    with archive(made, found[key]) as content:
        assert content.namelist() == ["a.txt"]


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        (
            "AWS::ApiGateway::RestApi",
            "{BodyS3Location: a.txt}",
            {"BodyS3Location": {"Bucket": "bucket", "Key": "K"}},
        ),
        ("AWS::Glue::Job", "{Command: {ScriptLocation: a.txt}}", {"Command": {"ScriptLocation": "U"}}),
        ("AWS::AppSync::GraphQLSchema", "{DefinitionS3Location: a.txt}", {"DefinitionS3Location": "U/a.txt"}),
        (
            "AWS::AppSync::Resolver",
            "{RequestMappingTemplateS3Location: a.txt}",
            {"RequestMappingTemplateS3Location": "U"},
        ),
    ],
)
def test_files_of_other_resources(tmp_path: Path, kind: str, text: str, wanted: dict[str, Any]) -> None:
    made = packaged(tmp_path, resource(kind, text), {"a.txt": "x"})
    ((key, content),) = made.files.items()
    assert content == b"x"
    digest = key.partition("/")[0]
    text = json.dumps(properties(made)).replace(f"https://s3.amazonaws.com/bucket/{digest}", "U")
    assert json.loads(text.replace(digest, "K")) == wanted


def test_nested_templates_are_packaged_from_where_they_are(tmp_path: Path) -> None:
    nested = resource("AWS::CloudFormation::Stack", "{TemplateURL: ./a/child.yaml}")
    deeper = resource("AWS::CloudFormation::Stack", "{TemplateURL: ../b/leaf.yaml}")
    files = {"a/child.yaml": deeper, "b/leaf.yaml": CODE, "b/fn/app.py": "x"}
    made = packaged(tmp_path, nested, files)
    child = json.loads(made.files[properties(made)["TemplateURL"].rpartition("/")[2]])
    leaf = json.loads(made.files[child["Resources"]["R"]["Properties"]["TemplateURL"].rpartition("/")[2]])
    with archive(made, leaf["Resources"]["R"]["Properties"]["Code"]["S3Key"]) as found:
        assert found.namelist() == ["app.py"]
    with pytest.raises(TemplateError, match=r"b/leaf\.yaml:4:18: resource R: .*b/fn not found"):
        packaged(tmp_path / "again", nested, {name: files[name] for name in ("a/child.yaml", "b/leaf.yaml")})
    with pytest.raises(TemplateError, match=r"a/child\.yaml contains itself"):
        packaged(tmp_path, nested, {"a/child.yaml": deeper.replace("../b/leaf.yaml", "./child.yaml")})


def test_code_in_a_loop_is_packaged(tmp_path: Path) -> None:
    text = (
        "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::F:\n    - N\n    - [A, B]\n"
        "    - ${N}F: {Type: AWS::Lambda::Function, Properties: {Code: ./fn}}\n"
    )
    made = packaged(tmp_path, text, {"fn/app.py": ""})
    resources: Any = made.template["Resources"]
    assert resources["Fn::ForEach::F"][2]["${N}F"]["Properties"]["Code"]["S3Bucket"] == "bucket"


def test_objects_in_s3_are_named_and_other_places_refused(tmp_path: Path) -> None:
    made = packaged(tmp_path, CODE.replace("./fn", "s3://there/a/b.zip"))
    assert properties(made)["Code"] == {"S3Bucket": "there", "S3Key": "a/b.zip"}
    assert not made.files
    with pytest.raises(
        TemplateError, match=r"resource R: https://x/y is not on this machine; use a local path"
    ):
        packaged(tmp_path, CODE.replace("./fn", "https://x/y"))


ASSET = "b" * 64
MANIFEST = {
    "files": {
        ASSET: {
            "source": {"path": "asset.code", "packaging": "zip"},
            "destinations": {"here": {"bucketName": "x", "objectKey": f"{ASSET}.zip"}},
        }
    }
}


def test_assets_of_cdk_are_found_in_the_manifest(tmp_path: Path) -> None:
    bucket = {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}
    code = {"S3Bucket": bucket, "S3Key": f"{ASSET}.zip"}
    template = {"Resources": {"R": {"Type": "AWS::Lambda::Function", "Properties": {"Code": code}}}}
    (tmp_path / "asset.code").mkdir()
    (tmp_path / "asset.code/app.py").write_text("")
    (tmp_path / "App.template.json").write_text(json.dumps(template))
    (tmp_path / "App.assets.json").write_text(json.dumps(MANIFEST))
    made = package(tmp_path / "App.template.json", "bucket")
    assert properties(made)["Code"]["S3Bucket"] == "bucket"
    assert list(made.files) == [properties(made)["Code"]["S3Key"]]


def test_a_function_that_stand_ins_answer_for_needs_no_code(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(
        "Resources:\n"
        "  Job:\n"
        "    Type: AWS::Lambda::Function\n"
        "    Properties:\n"
        "      {Code: dist/job, Handler: job/main.handler, Runtime: python3.13, Layers: [!Ref Theirs]}\n"
    )
    with pytest.raises(TemplateError, match=r"dist/job not found"):
        package(path, "b")
    packaged = package(path, "b", code=Code(answered=frozenset({"Job"})))
    job: Any = packaged.template["Resources"]["Job"]["Properties"]  # type: ignore[index,call-overload]
    with zipfile.ZipFile(io.BytesIO(packaged.files[job["Code"]["S3Key"]])) as archive:
        code = archive.read("job/main.py").decode()
    assert "Layers" not in job
    with pytest.raises(ImportError, match="dist/job not found; this function was invoked"):
        exec(code)
