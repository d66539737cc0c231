"""Sets of places in a list as whole numbers: bit n stands for the n-th one.

One operation on such a number is one on all of them: that is how thousands are compared with thousands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

Bits = int
FEW = 64
"""Sets of fewer places are made faster than they are looked up."""


def bits_of(places: Sequence[int]) -> Bits:
    """The set of these places."""
    if len(places) < FEW:
        return sum(1 << place for place in places)
    found = bytearray(max(places) // 8 + 1)
    for place in places:
        found[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(found, "little")


def bits_where(fits: Iterable[bool]) -> Bits:
    """The set of the places at which it is true."""
    digits = "".join(["1" if each else "0" for each in fits])
    return int(digits[::-1] or "0", 2)


def first_of(bits: Bits) -> int:
    """The first place of a set that is not empty."""
    return (bits & -bits).bit_length() - 1


def places_of(bits: Bits) -> Iterator[int]:
    """The places of a set, in order."""
    digits = f"{bits:b}"[::-1]
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)


class Distances:
    """The distances of all places from one thing: `most`, and less for each set of `met` that has the place.

    `own` are numbers that come on top, each with the places that it is for; together these are all places.
    """

    def __init__(self, most: int, met: Sequence[Bits], own: Sequence[tuple[int, Bits]]) -> None:
        self._least = most + min((number for number, _ in own), default=0) - len(met)
        self._most = most
        self._own = own
        self._sums = _summed(met)

    def nearest(self, among: Bits) -> tuple[int, int] | None:
        """The least distance of some places, and the first place that has it; None if there are none."""
        distance, found = self._nearest(among)
        return (distance, first_of(found)) if found else None

    def all_nearest(self, among: Bits) -> Bits:
        """The places that have the least distance of some."""
        return self._nearest(among)[1]

    def _nearest(self, among: Bits) -> tuple[int, Bits]:
        distance = self._least
        while among:
            found = 0
            for number, places in self._own:
                found |= self._met_by(self._most + number - distance, among & places)
            if found:
                return distance, found
            distance += 1
        return distance, 0

    def _met_by(self, number: int, among: Bits) -> Bits:
        """The places that so many sets have."""
        if number < 0 or number >> len(self._sums):
            return 0
        for digit, bits in enumerate(self._sums):
            among &= bits if number >> digit & 1 else ~bits
        return among


def _summed(sets: Iterable[Bits]) -> list[Bits]:
    """The number of sets that have each place, in binary: the last digits, those before these, and so on."""
    sums: list[Bits] = []
    for carry in sets:
        for digit, bits in enumerate(sums):
            sums[digit], carry = bits ^ carry, bits & carry  # noqa: PLW2901
        if carry:
            sums.append(carry)
    return sums
