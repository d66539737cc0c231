"""Find matching strings among many. Each distinct string and each clause is processed only once."""

from __future__ import annotations

from collections.abc import Sequence

from harness.expect.bits import Bits, bits_of, bits_where, places_of
from harness.expect.matcher import failed
from harness.scenario.matcher import Matcher


class TextIndex:
    """Strings by position. None stands for a missing string."""

    def __init__(self, texts: Sequence[str | None]) -> None:
        self._texts = texts
        self._places: dict[str | None, list[int]] = {}
        for place, text in enumerate(texts):
            self._places.setdefault(text, []).append(place)
        self._all: Bits = (1 << len(texts)) - 1
        self._met: dict[Matcher, tuple[Bits, ...]] = {}
        self._containing: dict[str, Bits] = {}

    def equal(self, text: str) -> Bits:
        """Return a string's positions."""
        return bits_of(self._places.get(text, ()))

    def fitting(self, matcher: Matcher, among: Bits) -> Bits:
        """Return the specified positions whose strings satisfy a matcher."""
        if matcher.equals is not None:
            among &= self.equal(matcher.equals)
        if matcher in self._met or among.bit_count() * 4 > len(self._texts):
            for met in self.met(matcher):
                among &= met
            return among
        return bits_of([place for place in places_of(among) if not failed(matcher, self._texts[place])])

    def met(self, matcher: Matcher) -> tuple[Bits, ...]:
        """Return sets of positions. A string's number of mismatch reasons equals the number of sets that lack
        it.
        """
        if matcher not in self._met:
            is_plain = matcher.matches is None and matcher.not_ is None
            self._met[matcher] = tuple(self._clauses(matcher) if is_plain else self._counted(matcher))
        return self._met[matcher]

    def _clauses(self, matcher: Matcher) -> list[Bits]:
        """Return one set for each string that must be equal or contained. The first set has no missing
        strings.
        """
        found = [self.equal(matcher.equals)] if matcher.equals is not None else []
        found += [self._with(part) for part in matcher.contains or ()]
        missing = bits_of(self._places.get(None, ()))
        return [*found[:1], *(each | missing for each in found[1:])]

    def _with(self, part: str) -> Bits:
        if part not in self._containing:
            self._containing[part] = bits_where([text is not None and part in text for text in self._texts])
        return self._containing[part]

    def _counted(self, matcher: Matcher) -> list[Bits]:
        reasons = {text: failed(matcher, text) for text in self._places}
        most = max(reasons.values(), default=0)
        return [bits_where([reasons[text] <= number for text in self._texts]) for number in range(most)]
