"""A state machine's tags in requests."""

from __future__ import annotations

import re

from harness.json_types import Json
from harness.stepfunctions.errors import ApiError

_ALLOWED = re.compile(r"[\w\s.:/=+@-]*")  # botocore's documentation of TagResource
_MOST = 50  # https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html


def read_tags(given: list[Json]) -> dict[str, str]:
    """Read the tags from a request that the API model allows.

    Raises:
        ApiError: TooManyTags, ValidationException.
    """
    pairs = [tag for tag in given if isinstance(tag, dict)]
    tags = {str(tag.get("key", "")): str(tag.get("value") or "") for tag in pairs}
    for text in (*tags, *tags.values()):
        if not _ALLOWED.fullmatch(text):
            raise ApiError(
                "ValidationException",
                "Tags may only contain Unicode letters, digits, white space, or these symbols: "
                f"_ . : / = + - @; '{text}' has another one",
            )
    check_tag_count(tags)
    return tags


def check_tag_count(tags: dict[str, str]) -> None:
    """Reject more tags than AWS's limit of 50.

    Raises:
        ApiError: TooManyTags.
    """
    if len(tags) > _MOST:
        raise ApiError("TooManyTags", f"The resource has more than {_MOST} tags")
