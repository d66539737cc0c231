"""Parses the causes of errors in a definition: the path or expression, and the data in which it was not
found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from harness.json_types import Json

NAMED: Final = 8
"""Maximum number of keys to list for a mapping."""
LONGEST_DATA: Final = 72
"""Maximum number of characters of data to show from a cause. The rest is summarized by its keys."""
LONGEST_LINE: Final = 600
"""Maximum number of characters to show for any other line of a cause."""
_PATH = re.compile(r"(?:path|JSONPath|argument for the field|[Rr]eference) '(\$[^']*)'")
_EXPRESSION = re.compile(r"JSONata expression '(.*?)' specified for the field '([^']*)'", re.DOTALL)
_FIELD = re.compile(r"specified for the field '([^$'][^']*)'")
_DATA = re.compile(r"(?<=input ')([\[{].*[\]}])(?=')", re.DOTALL)
_STEPS = re.compile(r"\$(?:states\.input)?((?:\.\w+)*)")


def texts_of(cause: str) -> tuple[str, ...]:
    """Return the strings from the definition that a cause quotes: a path or an expression, and its field
    name.
    """
    found = [match[1] for match in _PATH.finditer(cause)]
    fields = [match[1] for match in _FIELD.finditer(cause)]
    for match in _EXPRESSION.finditer(cause):
        found.append(match[1])
        fields.append(match[2])
    return tuple(dict.fromkeys((*found, *(each.rpartition("/")[2] for each in fields))))


def keys_in_words(cause: str, data: Json) -> str:
    """Return the keys in the deepest part of a state's input that a path reaches; "" if there is no path.

    `$.refund has the keys status and amount` for `$.refund.state`, which does not exist.
    """
    paths = [text for text in texts_of(cause) if text.startswith("$")]
    match = next((match for text in paths if (match := _path_in(text))), None)
    if match is None:
        return ""
    at, steps = match[0].removesuffix(match[1]), match[1].split(".")[1:]
    for number, step in enumerate(steps):
        if isinstance(data, Mapping) and step in data and number < len(steps) - 1:
            data, at = data[step], f"{at}.{step}"
    subject = "the state's input" if at in ("$", "$states.input") else at
    return has_keys(subject, data) if isinstance(data, Mapping) else f"{subject} is {_kind(data)}"


def data_in(cause: str) -> Json:
    """Return the data in which AWS did not find a value; None if the cause quotes no data."""
    found = _DATA.search(cause)
    try:
        data: Json = json.loads(found[1]) if found else None
    except ValueError:
        return None
    return data


def has_keys(subject: str, data: Json) -> str:
    """Return `the event has the keys a, b and 3 more`, without values; "" if the data is not a mapping."""
    if not isinstance(data, Mapping):
        return ""
    if not data:
        return f"{subject} has no keys"
    return f"{subject} has the key{'s' * (len(data) != 1)} {_names(list(data))}"


def shortened(cause: str) -> Iterator[str]:
    """Yield the lines of a cause. Omit the data that AWS quotes, and the middle of very long lines."""
    for text in _DATA.sub(_short, cause).splitlines():
        left_out, half = len(text) - LONGEST_LINE, LONGEST_LINE // 2
        more = f" … {left_out:,} characters (-v shows all) … "
        yield f"{text[:half]}{more}{text[-half:]}" if left_out > 0 else text


def _short(match: re.Match[str]) -> str:
    text = match[1]
    if len(text) <= LONGEST_DATA:
        return text
    left_out = len(text) - LONGEST_DATA
    return f"{text[:LONGEST_DATA]}… {left_out:,} characters (-v shows all)"


def _kind(data: Json) -> str:
    if isinstance(data, list):
        return f"a list of length {len(data)}"
    if isinstance(data, bool) or data is None:
        return json.dumps(data)
    return "a string" if isinstance(data, str) else "a number"


def _path_in(text: str) -> re.Match[str] | None:
    return next((match for match in _STEPS.finditer(text) if match[1]), None)


def _names(keys: Sequence[str]) -> str:
    shown = [key if key.isidentifier() else json.dumps(key, ensure_ascii=False) for key in keys[:NAMED]]
    more = len(keys) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    *others, last = shown
    return f"{', '.join(others)} and {last}" if others else last
