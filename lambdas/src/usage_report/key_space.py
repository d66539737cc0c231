"""Measures and divides the space of a bucket's keys, by what is known of the keys that were listed.

S3 lists keys in the order of their UTF-8 bytes, which is the order of Python's texts. A key is taken for a
number between 0 and 1: what all keys begin with is left out, and each character behind it is a digit among
those that keys have at its place. So hashes and numbers are spread evenly, and other keys well enough.
"""

import string
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence

_SURROGATES = 0xD800, 0xE000  # the first code point that is no character, and the next that is one
_SAMPLE = 50  # of so many keys one is looked at
_PLACES = 24  # so many characters decide, which is as much as a number holds
_LONGEST = 200
# Where few parts of the bucket have been seen, keys are expected to have the other characters of a kind, too.
_FEW_PARTS = 8
_HEX = set("abcdefABCDEF")
_KINDS = tuple(
    (set(kind) - _HEX if len(kind) == len(string.ascii_lowercase) else set(kind), set(kind))
    for kind in (string.digits, "abcdef", "ABCDEF", string.ascii_lowercase, string.ascii_uppercase)
)
"""Characters that tell of a kind, and all of the kind: letters behind `f` are no hexadecimal digits."""
_BEYOND_ASCII = frozenset(map(chr, range(0x80, _SURROGATES[0], 0x20)))


def behind(prefix: str) -> str | None:
    """The first text behind all that begin with the prefix; None when there is none.

    >>> behind("raw/2026")
    'raw/2027'
    """
    while prefix:
        code = ord(prefix[-1]) + 1
        prefix = prefix[:-1]
        if code <= sys.maxunicode:
            return prefix + chr(_SURROGATES[1] if code == _SURROGATES[0] else code)
    return None


def shared(one: str, other: str) -> str:
    """The text that both begin with.

    >>> shared("raw/2025", "raw/2026")
    'raw/202'
    """
    for place, (character, opposite) in enumerate(zip(one, other)):  # noqa: B905  (one may be longer)
        if character != opposite:
            return one[:place]
    return min(one, other, key=len)


class KeySpace:
    """Knowledge of the keys of one bucket.

    Attributes:
        root: what all keys begin with that were listed.
    """

    def __init__(self) -> None:
        self.root: str | None = None
        self._seen: defaultdict[int, set[str]] = defaultdict(set)  # by place
        self._parts: Counter[int] = Counter()
        self._digits: dict[int, list[str]] = {}

    def note(self, keys: Sequence[str], *, new_part: bool) -> None:
        """Learn from a page, in order; `new_part` tells that it is the first of its part of the bucket."""
        # What the first and the last one begin with, those between them do, too.
        alike = shared(keys[0], keys[-1])
        self.root = alike if self.root is None else shared(self.root, alike)
        for key in (*keys[::_SAMPLE], keys[-1]):
            for place, character in enumerate(key[:_LONGEST]):
                if character not in self._seen[place]:
                    self._seen[place].add(character)
                    self._digits.pop(place, None)
        if new_part:
            for place in range(min(len(keys[0]), _LONGEST)):
                self._parts[place] += 1
                if self._parts[place] == _FEW_PARTS:
                    self._digits.pop(place, None)

    def number(self, key: str | None) -> float:
        """The place of a text among all keys, from 0 to 1; None is the end of the bucket."""
        root = self.root or ""
        if key is None or not key.startswith(root):
            return 1.0 if key is None or key > root else 0.0
        number, scale = 0.0, 1.0
        for place in range(len(root), min(len(key), len(root) + _PLACES)):
            digits = self._digits_at(place)
            digit = bisect_left(digits, key[place])
            number += scale * digit / max(len(digits), 1)
            if digit == len(digits) or digits[digit] != key[place]:
                break
            scale /= len(digits)
        return number

    def middle(self, low: str, high: str | None) -> str | None:
        """A text in the middle between a key and a text behind it; None when none is known."""
        start = len(self.root or "")
        enough = max(start, len(shared(low, high)) if high is not None else 0)
        number = (self.number(low) + self.number(high)) / 2
        text = low[:start]
        for place in range(start, start + _PLACES):
            digits = self._digits_at(place)
            if not digits:
                break
            digit = min(len(digits) - 1, int(number * len(digits)))
            number = number * len(digits) - digit
            text += digits[digit]
            if place > enough and low < text and (high is None or text < high):
                return text
        return text if low < text and (high is None or text < high) else None

    def _digits_at(self, place: int) -> list[str]:
        if place not in self._digits:
            found = set(self._seen[place])
            if self._parts[place] < _FEW_PARTS:
                for telling, kind in _KINDS:
                    if found & telling:
                        found |= kind
            if not all(map(str.isascii, found)):
                found = {each for each in found if each.isascii()} | _BEYOND_ASCII
            self._digits[place] = sorted(found)
        return self._digits[place]
