"""The template in the form that `aws cloudformation package` creates, with the locations of the original."""

from __future__ import annotations

from typing import Final

from cfnlint.decode.node import dict_node

from harness.json_types import JsonObject
from harness.stack.artifacts import uses

BUCKET: Final = "harness-artifacts"
KEY: Final = "0123456789abcdef"


def package(template: JsonObject) -> None:
    """Replace the local paths of a decoded template."""
    for use in uses(template):
        path, artifact = use.value, use.artifact
        # For `aws cloudformation package`, `Code` without a path is the current folder.
        if not isinstance(path, str) or path.startswith(("s3://", "http://", "https://")):
            continue
        if artifact.bucket:
            start, end = getattr(path, "start_mark", None), getattr(path, "end_mark", None)
            use.replace(dict_node({artifact.bucket: BUCKET, artifact.key: KEY}, start, end))
        else:
            use.replace(f"https://{BUCKET}.s3.amazonaws.com/{KEY}")
