"""Replaces proprietary names and data with harmless ones, consistently everywhere.

*Names*: accounts, ARNs, IDs of requests and resources, email, network and host addresses, the names of
buckets, tables, queues, topics, functions. *Data*: the values in payloads are replaced with values of the
same format and size, except for values that the definition bases decisions on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from harness.importing.reads import Reads
from harness.json_types import Json, JsonObject

_ARN: Final = re.compile(r"arn:(aws[\w-]*):([\w-]+):([\w-]*):(\d{12}|[\w-]*):([^\s\"'<>,;\\)\]}]+)")
_URL: Final = re.compile(r"\b(https?|s3|ftp|wss?)://([^\s\"'<>\\)\]}]+)")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*")
_IP: Final = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)|(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F:]{1,4}"
)
_HOST: Final = re.compile(r"(?<![\w.@-])(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*)\.){2,}[a-zA-Z]{2,}(?![\w(])")
_HOST_OF_TWO: Final = re.compile(
    r"(?<![\w.@$-])[a-zA-Z0-9][a-zA-Z0-9-]*\.(?:com|net|org|io|dev|cloud|internal|local|corp|de|eu|uk|fr)\b"
)
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_KEY: Final = re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b")
_RESOURCE: Final = re.compile(r"\b(?:i|vpc|subnet|sg|eni|ami|vol|snap|igw|rtb)-[0-9a-f]{8,17}\b")
_HEX: Final = re.compile(r"(?<![\w])[0-9a-f]{16,}(?![\w])")
_NAMING: Final = re.compile(
    r"(?:.*(?:Bucket|Table|Queue|Topic|Function|StateMachine|Cluster|Stream|Database|Domain|EventBus)"
    r"(?:Name|Arn|Url|Id|Identifier)?|JobName|JobQueue|JobDefinition|TaskDefinition|ProjectName|TargetArn|SecretId)"
)
_CODE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_FORM: Final = re.compile(r"[A-Za-z_][A-Za-z_-]{0,39}(?:\d{0,2})")
_STATE_NAMES: Final = ("Default", "Next", "StartAt", "Type")
"""Fields in a definition whose values are names or types of states."""
_ALWAYS: Final = ("StatusCode", "HttpStatusCode", "ExecutedVersion")


@dataclass
class Hiding:
    """Replaces names and data, with the same mapping for all output.

    Attributes:
        reads: the values that the definition bases decisions on.
        keep_names: do not replace names; likewise `keep_data` for values in payloads.
    """

    reads: Reads
    keep_names: bool = False
    keep_data: bool = False
    _known: dict[str, dict[str, int]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)
    _numbers: dict[str, Json] = field(default_factory=dict)
    _given: set[str] = field(default_factory=set)

    def learn(self, value: Json, key: str = "") -> None:
        """Learn the resource names in a task's parameters from members such as `TableName`."""
        if isinstance(value, dict):
            for name, each in value.items():
                self.learn(each, name)
        elif isinstance(value, list):
            for each in value:
                self.learn(each, key)
        elif isinstance(value, str) and _is_name(key, value):
            self._name(value.rpartition("/")[2])
        if isinstance(value, str):
            for match in _ARN.finditer(value):
                self._learn_arn(match)

    def _learn_arn(self, match: re.Match[str]) -> None:
        if match[4]:
            for part in re.split(r"[:/]", match[5])[1 if ":" in match[5] or "/" in match[5] else 0 :]:
                if len(part) > 2 and not part.startswith("$"):
                    self._name(part)

    def name(self, text: str) -> str:
        """Return text with its names replaced."""
        if self.keep_names:
            return text
        text = _ARN.sub(self._arn, text)
        text = _URL.sub(lambda match: f"{match[1]}://{self._one('host', match[2])}.example.com", text)
        for kind, form, made in _KINDS:
            text = form.sub(self._replaced(kind, made), text)
        for name in sorted(self._names, key=len, reverse=True):
            if name in text:
                text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", self._names[name], text)
        return text

    def definition(self, value: Json, key: str = "") -> Json:
        """Return a definition with its names replaced, except for the names of its states."""
        if isinstance(value, dict):
            made: JsonObject = {}
            for name, each in value.items():
                made[name if key == "States" else self.name(name)] = self.definition(each, name)
            return made
        if isinstance(value, list):
            return [self.definition(each, key) for each in value]
        return self.name(value) if isinstance(value, str) and key not in _STATE_NAMES else value

    def resource(self, name: str) -> str:
        """Return the replacement for a resource name. It is the same everywhere."""
        return name if self.keep_names else self._names.setdefault(name, f"name-{len(self._names) + 1}")

    def rename(self, name: str, other: str) -> None:
        """Replace a resource name with the given name."""
        if not self.keep_names:
            self._names[name] = other

    def knows(self, text: str) -> bool:
        """Return whether a string is a resource name."""
        return text in self._names

    def error(self, text: str) -> str:
        """Return the replacement for an error name. Names that code can raise are not replaced."""
        if not text or self.keep_names or text in self.reads.literals or _CODE.fullmatch(text):
            return text
        return self._one("Error", text)

    def know_error(self, text: str) -> None:
        """Use the same replacement for an error name in payloads."""
        if not text:
            return
        if (shown := self.error(text)) == text:
            self.reads.literals.add(text)
        else:
            self._texts[text] = shown
            self._given.add(shown)

    def value(self, value: Json, under: str = "", *, more: frozenset[str] = frozenset()) -> Json:
        """Return a payload with names and data replaced.

        Args:
            under: the name of the member whose value the payload is.
            more: names of additional members whose values stay.
        """
        if isinstance(value, dict):
            made: JsonObject = {}
            for name, each in value.items():
                made[self._member(name)] = self.value(each, name, more=more)
            return made
        if isinstance(value, list):
            return [self.value(each, under, more=more) for each in value]
        if value is None or isinstance(value, bool):
            return value
        stays = self.keep_data or under in self.reads.members or under in more or under in _ALWAYS
        if isinstance(value, str):
            if stays or value in self.reads.literals:
                return self.name(value)
            return self._text(value)
        return value if stays or repr(value) in self.reads.literals else self._number(value)

    def _member(self, name: str) -> str:
        if (
            self.keep_data
            or name in self.reads.members
            or name in self.reads.literals
            or _FORM.fullmatch(name)
        ):
            return self.name(name)
        return self._text(name)

    def _arn(self, match: re.Match[str]) -> str:
        if not match[4]:
            return match[0]
        self._learn_arn(match)
        parts = re.split(r"([:/])", match[5])
        if len(parts) == 1:
            parts[0] = self._name(parts[0])
        account = self._account(match[4])
        tail = "".join(self._names.get(part, part) for part in parts)
        return f"arn:{match[1]}:{match[2]}:{match[3]}:{account}:{tail}"

    def _account(self, text: str) -> str:
        return text if not text.isdigit() else _made_account(self._number_of("account", text))

    def _replaced(self, kind: str, made: Callable[[int], str]) -> Callable[[re.Match[str]], str]:
        return lambda match: match[0] if _is_made(match[0]) else made(self._number_of(kind, match[0]))

    def _name(self, text: str) -> str:
        if _is_made(text) or text in self._names.values():
            return text
        return self._names.setdefault(text, f"name-{len(self._names) + 1}")

    def _one(self, kind: str, text: str) -> str:
        return f"{kind}-{self._number_of(kind, text)}"

    def _number_of(self, kind: str, text: str) -> int:
        numbers = self._known.setdefault(kind, {})
        return numbers.setdefault(text, len(numbers) + 1)

    def _text(self, text: str) -> str:
        """Return a string of the same length, with the same punctuation between letters and digits."""
        if not any(each.isalnum() for each in text):
            return text
        if text not in self._texts:
            for number in range(10_000):
                made = _shaped(text, number)
                if made not in self._given and made != text:
                    break
            self._given.add(made)
            self._texts[text] = made
        return self._texts[text]

    def _number(self, number: int | float) -> int | float:
        """Return a number with the same sign and the same number of digits."""
        shown = repr(number)
        if shown not in self._numbers:
            for count in range(10_000):
                made = _shaped(shown, count) if "e" not in shown and "n" not in shown else "1.5"
                if made not in self._given and made != shown:
                    break
            self._given.add(made)
            self._numbers[shown] = json.loads(made)
        found = self._numbers[shown]
        assert isinstance(found, int | float)
        return found


def _shaped(text: str, number: int) -> str:
    """Return a string with the same format; `number` determines its last characters.

    >>> _shaped("Ada L.", 0), _shaped("Ada L.", 27), _shaped("-42.5", 3)
    ('Aaa A.', 'Aab B.', '-11.4')
    """
    made: list[str] = []
    for each in reversed(text):
        if each.isdigit():
            base, first = 9, "1"
        elif each.isalpha():
            base, first = 26, "A" if each.isupper() else "a"
        else:
            made.append(each if each.isascii() and (each.isprintable() or each.isspace()) else "-")
            continue
        number, rest = divmod(number, base)
        made.append(chr(ord(first) + rest))
    return "".join(reversed(made))


def _is_name(key: str, value: str) -> bool:
    plain = len(value) > 2 and not value.startswith("arn:") and "://" not in value
    return plain and _NAMING.fullmatch(key) is not None


def _made_account(number: int) -> str:
    return f"{111_111_111_111 + number - 1}"


def _is_made(text: str) -> bool:
    """Return whether a string is one of our replacements."""
    return (
        "example.com" in text
        or text.startswith(("1111111111", "00000000-0000-4000", "192.0.2.", "name-", "00000000000"))
        or text in ("aws", "amazonaws.com")
    )


_KINDS: Final = (
    ("user", _MAIL, lambda n: f"user-{n}@example.com"),
    ("id", _UUID, lambda n: f"00000000-0000-4000-8000-{n:012}"),
    ("address", _IP, lambda n: f"192.0.2.{n % 250 + 1}"),
    ("host", _HOST, lambda n: f"host-{n}.example.com"),
    ("host", _HOST_OF_TWO, lambda n: f"host-{n}.example.com"),
    ("key", _KEY, lambda n: f"KEY{n}"),
    ("resource", _RESOURCE, lambda n: f"name-id-{n}"),
    ("account", _ACCOUNT, _made_account),
    ("hex", _HEX, lambda n: f"{n:016}"),
)
"""Name types with their patterns and replacements."""
