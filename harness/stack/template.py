"""A CloudFormation template: read, and packaged as `aws cloudformation package` does it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from harness.json_types import JsonObject

STATE_MACHINE = "AWS::StepFunctions::StateMachine"
# Local paths that `aws cloudformation package` uploads, of the resource types that the harness deploys:
# https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
ARTIFACTS = {
    "AWS::Lambda::Function": ("Code", "S3Bucket", "S3Key"),
    STATE_MACHINE: ("DefinitionS3Location", "Bucket", "Key"),
}
EPOCH = (1980, 1, 1, 0, 0, 0)


class TemplateError(Exception):
    """The template cannot be used; the message names the file and the remedy."""


@dataclass(frozen=True)
class Package:
    """A template whose local paths were replaced by places in S3, and what has to be put there."""

    template: JsonObject
    files: Mapping[str, bytes]

    @property
    def body(self) -> str:
        """The template as CloudFormation takes it (JSON is YAML)."""
        return json.dumps(self.template)


class _Constructor(SafeConstructor):
    """Reads `!Sub x` as `{"Fn::Sub": x}`, and dates as the text that they are in a template."""


def _tagged(constructor: _Constructor, suffix: str, node: Node) -> dict[str, object]:
    if isinstance(node, ScalarNode):
        value: object = constructor.construct_scalar(node)
        if suffix == "GetAtt":
            value = str(value).split(".", 1)
    elif isinstance(node, SequenceNode):
        value = constructor.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, MappingNode)
        value = constructor.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Constructor.add_multi_constructor("!", _tagged)
_Constructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def read_template(path: Path) -> JsonObject:
    """The template with its short forms written out. Raises TemplateError."""
    return deepcopy(_read(path))


def state_machines(path: Path) -> tuple[str, ...] | None:
    """The logical ids of the state machines that are deployed from a template.

    None if that is only known afterwards: the template has a Transform, or a machine has a Condition.
    Raises TemplateError.
    """
    template = _read(path)
    resources = template["Resources"]
    assert isinstance(resources, dict), "_read has looked"
    found = {
        name: resource
        for name, resource in resources.items()
        if isinstance(resource, dict) and resource.get("Type") == STATE_MACHINE
    }
    if "Transform" in template or any("Condition" in resource for resource in found.values()):
        return None
    return tuple(found)


def _read(path: Path) -> JsonObject:
    """The template, for looking at only."""
    try:
        template = _parsed(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TemplateError(f"{path}: {error.strerror}; name a CloudFormation template") from error
    except Exception as error:  # ruamel has several roots for its errors
        raise TemplateError(f"{path}: not YAML: {error}") from error
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise TemplateError(f"{path}: not a CloudFormation template: it has no Resources")
    return template


@lru_cache(maxsize=8)
def _parsed(text: str) -> object:
    """The template, for looking at only: a session deploys the same text again and again."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    return yaml.load(text)


def package(path: Path, bucket: str) -> Package:
    """The template of `path` with its local folders zipped and its local files named in `bucket`.

    Raises TemplateError when a path in it does not exist.
    """
    template = read_template(path)
    files: dict[str, bytes] = {}
    read = lru_cache(zipped)  # functions may well share a folder
    for name, kind, properties, where in _local_paths(template):
        local = path.parent / where
        if not local.exists():
            raise TemplateError(
                f"{path}: resource {name}: there is no {local}; paths are relative to the template"
            )
        content = read(local) if kind == "AWS::Lambda::Function" else local.read_bytes()
        key = hashlib.sha256(content).hexdigest()
        files[key] = content
        attribute, bucket_key, object_key = ARTIFACTS[kind]
        properties[attribute] = {bucket_key: bucket, object_key: key}
    return Package(template, files)


def _local_paths(template: JsonObject) -> Iterator[tuple[str, str, JsonObject, str]]:
    """Each resource with a local path: its name, its type, its properties, and the path."""
    resources = template["Resources"]
    assert isinstance(resources, dict), "read_template has looked"
    for name, resource in resources.items():
        if not isinstance(resource, dict):
            continue  # CloudFormation refuses it
        kind, properties = str(resource.get("Type", "")), resource.get("Properties")
        if kind in ARTIFACTS and isinstance(properties, dict):
            where = properties.get(ARTIFACTS[kind][0])
            if isinstance(where, str) and not where.startswith(("s3://", "https://")):
                yield name, kind, properties, where


def zipped(folder: Path) -> bytes:
    """The files of a folder (or one file) as a zip that depends on nothing but their names and contents."""
    buffer = io.BytesIO()
    files = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
    root = folder if folder.is_dir() else folder.parent
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                entry = zipfile.ZipInfo(file.relative_to(root).as_posix(), EPOCH)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
