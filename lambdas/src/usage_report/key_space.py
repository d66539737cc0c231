"""Measures and splits the range of a bucket's keys, based on the keys listed so far.

S3 lists keys in the order of their UTF-8 bytes, which is the order of Python strings. A key is treated
as a number between 0 and 1. The common prefix of all keys is omitted, and each following character is a
digit among the characters seen at its position. This spreads hashes and numbers evenly, and other keys
well enough.
"""

import string
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence

_SURROGATES = 0xD800, 0xE000  # the first code point that is not a character, and the next one that is
_SAMPLE = 50  # one of this many keys is examined
_PLACES = 24  # number of significant characters: as many as a float can hold
_LONGEST = 200
# While few parts of the bucket have been seen, other characters of a kind are expected in keys, too.
_FEW_PARTS = 8
_HEX = set("abcdefABCDEF")
_KINDS = tuple(
    (set(kind) - _HEX if len(kind) == len(string.ascii_lowercase) else set(kind), set(kind))
    for kind in (string.digits, "abcdef", "ABCDEF", string.ascii_lowercase, string.ascii_uppercase)
)
"""Characters that identify a kind, and all characters of it: letters after `f` are not hexadecimal digits."""
_BEYOND_ASCII = frozenset(map(chr, range(0x80, _SURROGATES[0], 0x20)))


def behind(prefix: str) -> str | None:
    """Return the first string after all strings with the prefix; None if there is none.

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
    """Return the common prefix of both.

    >>> shared("raw/2025", "raw/2026")
    'raw/202'
    """
    for place, (character, opposite) in enumerate(zip(one, other)):  # noqa: B905  (one may be longer)
        if character != opposite:
            return one[:place]
    return min(one, other, key=len)


class KeySpace:
    """Statistics about the keys of one bucket.

    Attributes:
        root: the common prefix of all listed keys.
    """

    def __init__(self) -> None:
        self.root: str | None = None
        self._seen: defaultdict[int, set[str]] = defaultdict(set)  # by position
        self._parts: Counter[int] = Counter()
        self._digits: dict[int, list[str]] = {}

    def note(self, keys: Sequence[str], *, new_part: bool) -> None:
        """Add a page of keys, in order; `new_part` means that it is the first of its part of the bucket."""
        # The keys between the first and the last one share their common prefix.
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
        """Return the position of a string among all keys, from 0 to 1; None is the end of the bucket."""
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
        """Return a string halfway between a key and a later string; None if none is known."""
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
