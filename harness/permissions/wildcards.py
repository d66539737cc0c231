"""Texts with `*` and `?` as IAM compares them."""

from __future__ import annotations

import re
from functools import lru_cache


def like(pattern: str, text: str) -> bool:
    """Whether `text` is as `pattern`, where `*` is any characters and `?` is one."""
    return _compiled(pattern, False).fullmatch(text) is not None


def arn_like(pattern: str, arn: str) -> bool:
    """Whether an ARN is as `pattern`: wildcards stay within its parts, but a `*` at a part's end goes on.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    ("If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the
    colon boundaries").
    """
    return pattern == "*" or _compiled(pattern, True).fullmatch(arn) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str, parts: bool) -> re.Pattern[str]:
    one, many = ("[^:]", "[^:]*") if parts else (".", ".*")
    regex = ""
    for index, character in enumerate(pattern):
        if character == "*":
            at_end = pattern[index + 1 : index + 2] in ("", ":")
            regex += ".*" if at_end else many
        elif character == "?":
            regex += one
        else:
            regex += re.escape(character)
    return re.compile(regex, re.DOTALL)
