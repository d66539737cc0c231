"""Mutants of JSON values and strings, reproducible by seed."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

Json: TypeAlias = Any

TEXTS = (
    "",
    " ",
    "a",
    "0",
    "-1",
    "true",
    "null",
    "x" * 300,
    "\0",
    "\x1b[31mred",
    "\x1b]0;title\x07",
    "a\rb",
    "\u202eabc",
    "é",
    "😀",
    "\ud800",
    "\n",
    "'",
    '"',
    "$",
    "$.a",
    "$.",
    "$$",
    "$..*",
    "$[",
    "$.a[?(@.b)]",
    "$.a[0:99999999999999999999]",
    "States.Format('{}', $.a)",
    "States.",
    "States.ArrayRange(0,1e9,1)",
    "{% 1 %}",
    "{% ",
    "{% [1..10000000] %}",
    "{% $states.input.a %}",
    "${x}",
    "${AWS::Region}",
    "{n}",
    "{n:5}",
    "{n:0999999999}",
    "1 s",
    "99999999999999 h",
    "1e400 s",
    "1 PiB",
    "-5 B",
    "(a+)+$",
    "[",
    "*",
    "2026-01-01T00:00:00Z",
    "9999-99-99T99:99:99Z",
    "arn:aws:states:::lambda:invoke",
    "arn:",
    "arn:aws:s3:::",
    "arn:aws:states:::aws-sdk:s3:getObject",
    "arn:aws:lambda:us-east-1:123456789012:function:f",
    "%{x}",
    "{{resolve:ssm:x}}",
    "!Ref x",
    "../../etc/passwd",
    "/dev/null",
    "con",
    "__proto__",
    "model_fields",
)
NUMBERS = (
    0,
    -0.0,
    1,
    -1,
    2,
    0.5,
    -1.5,
    99,
    100,
    101,
    2**31,
    2**53 + 1,
    2**63,
    -(2**63),
    10**30,
    1e22,
    1e308,
    -1e308,
    5e-324,
    10**400,
    99_999_999,
    100_000_000,
)


def deep(levels: int, kind: str = "list") -> Json:
    """A value with N levels."""
    value: Json = 0
    for _ in range(levels):
        value = [value] if kind == "list" else {"a": value}
    return value


class Mutator:
    """Changes values at random. `words` are keys and strings with a meaning in that position."""

    def __init__(self, seed: int, words: Sequence[str] = ()) -> None:
        self.random = random.Random(seed)
        self._words = tuple(words) or ("a",)

    def odd(self) -> Json:
        """An unusual value."""
        draw = self.random
        return draw.choice(
            (
                lambda: None,
                lambda: draw.choice((True, False)),
                lambda: draw.choice(NUMBERS),
                lambda: draw.choice(TEXTS),
                lambda: draw.choice(self._words),
                lambda: draw.choice(([], {}, [[]], [{}], {"": {}}, [None], {"a": None}, ["a", 1, None])),
                lambda: {draw.choice(self._words): draw.choice(TEXTS)},
                lambda: [draw.choice(self._words), draw.choice(NUMBERS)],
                lambda: deep(draw.choice((3, 40, 120, 400)), draw.choice(("list", "mapping"))),
            )
        )()

    def mutant(self, value: Json, most: int = 3) -> Json:
        """A copy of a value with one to `most` changes."""
        changed = copy.deepcopy(value)
        for _ in range(self.random.randint(1, most)):
            places = list(_places(changed))
            if not places:
                return self.odd()
            holder, key = self.random.choice(places)
            self.random.choice(self._changes())(holder, key, changed)
        return changed

    def _changes(self) -> tuple[Callable[[Json, Json, Json], None], ...]:
        return (
            self._replace,
            self._replace,
            self._replace,
            self._remove,
            self._wrap,
            self._rename,
            self._graft,
        )

    def _replace(self, holder: Json, key: Json, _: Json) -> None:
        holder[key] = self.odd()

    def _remove(self, holder: Json, key: Json, _: Json) -> None:
        del holder[key]

    def _wrap(self, holder: Json, key: Json, _: Json) -> None:
        wrapped = holder[key]
        holder[key] = [wrapped] if self.random.random() < 0.5 else {self.random.choice(self._words): wrapped}

    def _rename(self, holder: Json, key: Json, _: Json) -> None:
        if isinstance(holder, dict):
            name = self.random.choice((*self._words, *TEXTS, str(key) + "s", str(key)[:-1]))
            holder[name] = holder.pop(key)
        else:
            holder.append(copy.deepcopy(holder[key]))

    def _graft(self, holder: Json, key: Json, whole: Json) -> None:
        other, name = self.random.choice(list(_places(whole)))
        part = copy.deepcopy(other[name])
        if isinstance(holder, dict) and self.random.random() < 0.5:
            holder[self.random.choice(self._words)] = part
        else:
            holder[key] = part

    def text_mutant(self, text: str, most: int = 3) -> str:
        """A copy of a string with one to `most` changes to its characters and lines."""
        draw = self.random
        for _ in range(draw.randint(1, most)):
            at = draw.randrange(len(text) + 1)
            end = min(len(text), at + draw.choice((1, 1, 2, 10)))
            lines = text.splitlines(keepends=True) or [""]
            one, other = draw.randrange(len(lines)), draw.randrange(len(lines))
            text = draw.choice(
                (
                    lambda at=at, end=end, text=text: text[:at] + text[end:],
                    lambda at=at, text=text: text[:at] + draw.choice(_BITS) + text[at:],
                    lambda at=at, text=text: text[:at] + draw.choice(TEXTS) + text[at:],
                    lambda at=at, text=text: text[:at],
                    lambda lines=lines, one=one, other=other: "".join(lines[:one] + lines[other:]),
                    lambda lines=lines, one=one: "".join([*lines[:one], lines[one], *lines[one:]]),
                    lambda lines=lines, one=one: "".join(
                        [*lines[:one], f"  {lines[one]}", *lines[one + 1 :]]
                    ),
                    lambda lines=lines, one=one: "".join(
                        [*lines[:one], lines[one].lstrip(), *lines[one + 1 :]]
                    ),
                )
            )()
        return text


_BITS = (
    ":",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "#",
    "&a ",
    "*a",
    "*a ",
    "!!set ",
    "!!binary ",
    "!Ref ",
    "!GetAtt ",
    "<<: ",
    "|\n",
    ">-\n",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "\t",
    "'",
    '"',
    "\\",
    "? ",
    "@",
    "`",
    "\ufeff",
    "\0",
    "\x85",
    "~",
    "!!python/object:os.system ",
    "!!timestamp ",
    "!!float ",
    "!!int ",
    "0x",
    "0o",
    "1_0",
    ".inf",
    ".nan",
    "\ud83d",
    "\u2028",
)


def _places(value: Json) -> Iterator[tuple[Json, Json]]:
    """Each position in a value: the container, and the key or index in it."""
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        if not isinstance(holder, dict | list):
            continue
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            yield holder, key
            waiting.append(holder[key])
