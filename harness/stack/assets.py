"""Assets of a template from `cdk synth`: files and folders next to it in cdk.out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from harness.bounds import json_of
from harness.cloudformation.functions import VARIABLE
from harness.files import read_text
from harness.json_types import Json, JsonObject
from harness.stack.cloud_assembly import asset_parameters

MANIFEST = ".assets.json"
_BUCKET = re.compile(r"cdk-\w+-assets-")
_KEY = re.compile(r"([0-9a-f]{64})(\.\w+)*")


class Assets:
    """The assets that a template can refer to by their key in CDK's bucket.

    CDK version 1 refers to them through parameters instead. Its manifest lists these parameters.
    """

    def __init__(self, template: Path) -> None:
        self._template = template
        self._paths = {key: path for _, key, path in _manifest(template)}
        self._parameters = asset_parameters(template.parent)

    def named_by(self, value: Json, bucket: str, key: str) -> Path | None:
        """Return the file or folder for an asset that a property specifies, by bucket and key or by a
        template URL.

        None if the value does not refer to an asset. The path might not exist.
        """
        for parameter, path in self._parameters.items():
            if f'{{"Ref": "{parameter}"}}' in json.dumps(value):
                return path
        if isinstance(value, dict) and key and isinstance(value.get(key), str):
            if _BUCKET.match(_text(value.get(bucket))) or str(value[key]) in self._paths:
                return self._path(str(value[key]))
        elif not key and _BUCKET.search(text := _text(value)):
            return self._path(text.rpartition("/")[2])
        return None

    def local(self, value: Json, bucket: str, key: str) -> Path | None:
        """Return the file or folder that a property refers to, as an asset or by path. None if it is not on
        this machine.
        """
        if not isinstance(value, str):
            return self.named_by(value, bucket, key)
        if value.startswith(("s3://", "https://", "http://")):
            return None
        return self._template.parent / value

    def left_in(self, text: str) -> Iterator[tuple[str, str, Path]]:
        """Return the bucket, key and path of each asset whose key still occurs in the template.

        The bucket name contains `${AWS::AccountId}` and `${AWS::Region}`.
        """
        for bucket, key, path in _manifest(self._template):
            if f'"{key}"' in text or f'/{key}"' in text:
                yield bucket, key, path

    def _path(self, key: str) -> Path | None:
        if key in self._paths:
            return self._paths[key]
        found = _KEY.fullmatch(key)
        return None if found is None else self._template.parent / f"asset.{found[1]}"


def _manifest(template: Path) -> Iterator[tuple[str, str, Path]]:
    """Return the bucket, key and path of each file in the manifest next to a template."""
    manifest = template.with_name(template.name.removesuffix(".template.json") + MANIFEST)
    try:
        content = json_of(read_text(manifest))
    except (OSError, ValueError):
        return
    for entry in _objects(content, "files"):
        source = entry.get("source")
        path = source.get("path") if isinstance(source, dict) else None
        for destination in _objects(entry, "destinations"):
            if isinstance(path, str) and isinstance(key := destination.get("objectKey"), str):
                yield str(destination.get("bucketName")), key, template.parent / path


def _objects(value: Json, key: str) -> list[JsonObject]:
    found = value.get(key) if isinstance(value, dict) else None
    return [each for each in found.values() if isinstance(each, dict)] if isinstance(found, dict) else []


def _text(value: Json) -> str:
    """Return the string in Fn::Sub or Fn::Join, or a plain string, without the values of its variables."""
    if isinstance(value, str):
        return VARIABLE.sub("", value)
    if isinstance(value, dict) and len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Fn::Sub":
            return _text(argument[0] if isinstance(argument, list) and argument else argument)
        if name == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:
            parts = argument[1] if isinstance(argument[1], list) else []
            return "".join(_text(part) for part in parts)
    return ""
