"""The stacks of a CDK app, read from what `cdk synth` leaves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.stack.assets import Assets
from harness.stack.cloud_assembly import (
    AssemblyError,
    app_beside,
    asset_parameters,
    chosen,
    is_of_app,
    stacks_in,
)

HASH = "a1" * 32


def stack(*needs: str, **properties: Any) -> dict[str, Any]:
    name = properties.pop("name", "")
    return {
        "type": "aws:cloudformation:stack",
        "properties": {"templateFile": "x.template.json", **properties},
        "dependencies": list(needs),
        **({"displayName": name} if name else {}),
    }


def stage(folder: str, *needs: str) -> dict[str, Any]:
    return {
        "type": "cdk:cloud-assembly",
        "properties": {"directoryName": folder},
        "dependencies": list(needs),
    }


def app(folder: Path, artifacts: Mapping[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": artifacts}))
    return folder


def names(folder: Path, name: str = "") -> list[str]:
    return [each.name for each in chosen(folder, stacks_in(folder), name)]


def test_a_stack_comes_after_those_that_it_depends_on(tmp_path: Path) -> None:
    assets = {"type": "cdk:asset-manifest", "properties": {"file": "x.assets.json"}}
    found = app(
        tmp_path,
        {"C": stack("B", "C.assets"), "A": stack(), "B": stack("A"), "C.assets": assets, "Tree": {}},
    )
    assert names(found) == ["A", "B", "C"]
    assert names(found, "B") == ["A", "B"]
    assert names(found, "A") == ["A"]


def test_what_is_not_said_keeps_the_order_of_the_manifest(tmp_path: Path) -> None:
    assert names(app(tmp_path, {"B": stack(), "A": stack(), "C": stack()})) == ["B", "A", "C"]


def test_stages_have_assemblies_of_their_own(tmp_path: Path) -> None:
    app(tmp_path / "p", {"ProdOrders1": stack("ProdData1", stackName="Prod-Orders", name="Prod/Orders")})
    app(
        tmp_path / "p",
        {
            "ProdOrders1": stack("ProdData1", stackName="Prod-Orders", name="Prod/Orders (Prod-Orders)"),
            "ProdData1": stack(stackName="Prod-Data", name="Prod/Data"),
        },
    )
    app(tmp_path / "t", {"TestData1": stack(stackName="Test-Data", name="Test/Data")})
    found = app(tmp_path, {"prod": stage("p", "test"), "test": stage("t"), "Last": stack("prod")})
    assert names(found) == ["Test-Data", "Prod-Data", "Prod-Orders", "Last"]
    for called in ("Prod-Orders", "Prod/Orders", "ProdOrders1", "Prod"):
        assert names(found, called) == ["Prod-Data", "Prod-Orders"]
    assert names(found, "Last") == ["Test-Data", "Prod-Data", "Prod-Orders", "Last"]
    (first, *_) = stacks_in(found)
    assert (first.template, first.path) == (tmp_path / "t" / "x.template.json", "Test/Data")


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("{", "manifest.json is not JSON"),
        ("[]", "manifest.json has no stacks; add one to the app and run `cdk synth`"),
        ('{"artifacts": []}', "manifest.json is not a CDK manifest: its artifacts are not a mapping"),
        ('{"artifacts": {"A": 5, "B": null}}', "manifest.json has no stacks"),
        (
            '{"artifacts": {"A": {"type": "aws:cloudformation:stack"}}}',
            "manifest.json: the stack A has no templateFile; run `cdk synth`",
        ),
        (
            '{"artifacts": {"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}}',
            "contains itself",
        ),
        (
            '{"artifacts": {"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "gone"}}}}',
            "gone is not a CDK app: it has no manifest.json; run `cdk synth`",
        ),
    ],
)
def test_a_manifest_that_is_none_is_told(tmp_path: Path, manifest: str, message: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(AssemblyError) as error:
        stacks_in(tmp_path)
    assert message in str(error.value)


def test_a_circle_of_dependencies_has_an_end(tmp_path: Path) -> None:
    assert names(app(tmp_path, {"A": stack("B"), "B": stack("A")})) == ["B", "A"]


def test_a_folder_is_that_of_an_app_and_a_file_is_not(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").touch()
    assert not is_of_app(tmp_path / "t.yaml")
    assert not is_of_app(tmp_path / "cdk.out")
    assert app_beside(tmp_path) == ""
    (tmp_path / "cdk.json").touch()
    assert is_of_app(tmp_path / "cdk.out")
    assert app_beside(tmp_path).startswith("this is a CDK app: run `cdk synth`")
    (tmp_path / "cdk.out").mkdir()
    assert is_of_app(tmp_path / "cdk.out")


def old(folder: Path) -> Path:
    """An app of CDK 1, whose assets are parameters."""
    data = {
        "path": f"asset.{HASH}",
        "packaging": "zip",
        "s3BucketParameter": "AssetParametersS3Bucket1",
        "s3KeyParameter": "AssetParametersS3VersionKey1",
        "artifactHashParameter": "AssetParametersArtifactHash1",
    }
    entries = [{"type": "aws:cdk:logicalId", "data": "Fn"}, {"type": "aws:cdk:asset", "data": data}]
    return app(folder, {"Old": {**stack(parameters={"Own": "1"}), "metadata": {"/Old": entries}}})


def test_assets_of_version_1_are_parameters(tmp_path: Path) -> None:
    (found,) = stacks_in(old(tmp_path))
    assert found.parameters == {
        "AssetParametersS3Bucket1": "cdk||asset",
        "AssetParametersS3VersionKey1": "cdk||asset",
        "AssetParametersArtifactHash1": "cdk||asset",
        "Own": "1",
    }
    asset = tmp_path / f"asset.{HASH}"
    assert asset_parameters(tmp_path) == {"AssetParametersS3Bucket1": asset}
    code = {
        "S3Bucket": {"Ref": "AssetParametersS3Bucket1"},
        "S3Key": {"Fn::Select": [0, {"Fn::Split": ["||", {"Ref": "AssetParametersS3VersionKey1"}]}]},
    }
    assert Assets(tmp_path / "x.template.json").local(code, "S3Bucket", "S3Key") == asset
    assert (
        Assets(tmp_path / "x.template.json").local({"S3Bucket": "b", "S3Key": "k"}, "S3Bucket", "S3Key")
        is None
    )


def test_a_folder_without_a_manifest_has_no_parameters_for_assets(tmp_path: Path) -> None:
    assert asset_parameters(tmp_path) == {}
    (tmp_path / "manifest.json").write_text("{")
    assert asset_parameters(tmp_path) == {}
