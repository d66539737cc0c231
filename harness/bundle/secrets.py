"""Keeps secrets out of bundles: the project's secrets are replaced, and other secrets are rejected.

The replacement for a secret has the same format, and is the same everywhere in a bundle. A run therefore
has the same results unless it inspects the secret.
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

LEAST: Final = 8
"""Minimum length for a secret to be found inside other text."""
_LEAST_OF_VARIABLES: Final = 12
_NAME: Final = re.compile(
    r"TOKEN|SECRET|PASSW|CREDENTIAL|PRIVATE|API_?KEY|(^|_)(KEY|PASS|PWD|AUTH)(_|\d|$)", re.IGNORECASE
)
_DEEP: Final = 3
"""Maximum nesting depth of JSON strings in which secrets are found."""


@dataclass(frozen=True)
class Secret:
    """A project secret, and the name shown to the user, such as `parameter ApiKey`."""

    name: str
    text: str


class StandIns:
    """Replacements for secrets. Secrets are also found in JSON, in URLs, as Base64, and in different case.

    `names` are the names of replaced secrets. `short` are the names of secrets that are too short to be
    found.
    """

    def __init__(self, secrets: Iterable[Secret]) -> None:
        texts: dict[str, str] = {}
        names: dict[str, None] = {}
        short: dict[str, None] = {}
        for secret in secrets:
            for part in _parts(secret.text):
                if len(part) < LEAST:
                    short[secret.name] = None
                    continue
                texts.setdefault(part, _stand_in(part, len(texts)))
                names[secret.name] = None
        self.names, self.short = tuple(names), tuple(short)
        forms = {form: new for text in texts for form, new in _forms(text, texts[text])}
        self._forms = [(key, forms[key]) for key in sorted(forms, key=lambda form: (-len(form), form))]

    def text(self, text: str) -> str:
        """Return a text with secrets replaced."""
        for old, new in self._forms:
            if old.lower() in text.lower():
                text = re.sub(
                    re.escape(old),
                    lambda found, old=old, new=new: new if found[0] == old else _in_case_of(found[0], new),  # type: ignore[misc]
                    text,
                    flags=re.IGNORECASE,
                )
        return text

    def content(self, content: bytes) -> bytes:
        """Return a file's content with secrets replaced. In binary data, only literal secrets are found."""
        try:
            return self.text(content.decode()).encode()
        except UnicodeError:
            for old, new in self._forms:
                content = content.replace(old.encode(), new.encode())
            return content


def leak(content: bytes, environ: Mapping[str, str]) -> str:
    """Return the credential of this process that the content contains; "" for none.

    Credentials are the values of variables whose names suggest a secret.
    """
    for name, value in environ.items():
        if not _NAME.search(name) or len(value) < _LEAST_OF_VARIABLES or value.startswith("/"):
            continue
        if value.encode("utf-8", "surrogateescape") in content:
            return f"the value of the environment variable {name}"
    return ""


def without_places(text: str, places: Mapping[str, str]) -> str:
    """Replace this machine's folders in a text: `{"/home/ada": "~"}`."""
    for place, word in places.items():
        text = re.sub(rf"(?<![\w/.-]){re.escape(place)}(?![\w.-])", word, text)
    return text


def places_of(root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the folders to hide, longest first: the project's folder, and the user's.

    A home folder like /root reveals nothing.
    """
    places = {str(root): "."}
    home = environ.get("HOME", "").rstrip("/")
    for each in {home, os.path.realpath(home) if home else ""}:
        if each.count("/") > 1:
            places.setdefault(each, "~")
    return {place: places[place] for place in sorted(places, key=len, reverse=True)}


def _parts(text: str) -> Iterator[str]:
    """Return a secret's string, or the strings in it if it is JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict | list):
        yield from _texts(value)
    elif text:
        yield text
        yield from (line for line in map(str.strip, text.splitlines()) if len(line) >= LEAST and line != text)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict | list):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _texts(entry)
    elif isinstance(value, str) and value:
        yield value


def _stand_in(text: str, number: int) -> str:
    """Return a string with the same format that depends only on the format and a number."""
    shape = re.sub(r"\d", "0", re.sub(r"[a-z]", "a", re.sub(r"[A-Z]", "A", text)))
    chance = random.Random(f"{number} {shape}")  # noqa: S311  (not used for security)
    kinds = {"a": string.ascii_lowercase, "A": string.ascii_uppercase, "0": string.digits}
    return "".join(chance.choice(kinds[each]) if each in kinds else each for each in shape)


def _in_case_of(found: str, new: str) -> str:
    """Return a replacement with the same capitalization as the text that was found."""
    if len(found) != len(new):
        return new
    pairs = zip(found, new, strict=True)
    return "".join(each.upper() if old.isupper() else each.lower() for old, each in pairs)


def _forms(text: str, new: str) -> Iterator[tuple[str, str]]:
    """Return a string and its replacement as encoded in JSON, nested JSON, URLs and Base64."""
    forms = {text: new}
    for _ in range(_DEEP):
        forms |= {
            json.dumps(old, ensure_ascii=ascii_)[1:-1]: json.dumps(other, ensure_ascii=ascii_)[1:-1]
            for old, other in forms.items()
            for ascii_ in (True, False)
        }
    yield from forms.items()
    for quoted in (quote, quote_plus, _base64):
        yield quoted(text), quoted(new)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")
