"""Compare strings with `*`, `?` and policy variables like IAM."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

VARIABLE = re.compile(r"\$\{([^}]*)\}")
# Stand-ins for a literal `*` and `?`.
_LITERAL = str.maketrans("*?", "\ue000\ue001")
_AS_IS = str.maketrans("\ue000\ue001", "*?")


def like(pattern: str, text: str) -> bool:
    """Return whether `text` matches `pattern`, where `*` matches any characters and `?` matches one."""
    return _compiled(pattern, False).fullmatch(text) is not None


def arn_like(pattern: str, arn: str) -> bool:
    """Return whether an ARN matches `pattern`.

    Wildcards match within a part, except for a `*` at the end of a part.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    ("If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the
    colon boundaries").
    """
    return pattern == "*" or _compiled(pattern, True).fullmatch(arn) is not None


def filled(pattern: str, context: Mapping[str, str | tuple[str, ...]]) -> str | None:
    """Return `pattern` with its policy variables replaced, for example `${aws:PrincipalAccount}`.

    `context` contains the condition keys in lower case. A variable can have a default, as in
    `${aws:username, 'none'}`. `${*}`, `${?}` and `${$}` are these characters themselves. Return None if a
    variable has no value. The pattern then does not match anything.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    if "${" not in pattern:
        return pattern
    known: list[bool] = []

    def value(found: re.Match[str]) -> str:
        name, comma, default = found[1].partition(",")
        if name in ("*", "?", "$"):
            return name.translate(_LITERAL)
        given = context.get(name.strip().casefold())
        if comma and not isinstance(given, str):
            given = default.strip().strip("'")
        known.append(isinstance(given, str))
        return given.translate(_LITERAL) if isinstance(given, str) else ""

    text = VARIABLE.sub(value, pattern)
    return text if all(known) else None


def plain(text: str) -> str:
    """Restore the literal `*` and `?` in a result of `filled`."""
    return text.translate(_AS_IS)


@lru_cache(maxsize=4096)
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
            regex += re.escape(plain(character))
    return re.compile(regex, re.DOTALL)
