"""Sets of list positions, represented as integers: bit n stands for position n.

A single operation on such an integer processes all positions, so comparing thousands of items with thousands
is fast.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

Bits = int
FEW = 64
"""Below this number of positions, a set is built by adding powers of two."""


def bits_of(places: Sequence[int]) -> Bits:
    """Return the set that contains these positions."""
    if len(places) < FEW:
        return sum(1 << place for place in places)
    found = bytearray(max(places) // 8 + 1)
    for place in places:
        found[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(found, "little")


def bits_where(fits: Iterable[bool]) -> Bits:
    """Return the set of positions whose value is true."""
    digits = "".join(["1" if each else "0" for each in fits])
    return int(digits[::-1] or "0", 2)


def first_of(bits: Bits) -> int:
    """Return the first position in a nonempty set."""
    return (bits & -bits).bit_length() - 1


def places_of(bits: Bits) -> Iterator[int]:
    """Yield the positions in a set, in order."""
    digits = f"{bits:b}"[::-1]
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)


class Distances:
    """Distances of all positions from one item: `most`, minus one for each set in `met` that contains the
    position.

    `own` contains additional distances, each with the positions to which it applies. Together they cover all
    positions.
    """

    def __init__(self, most: int, met: Sequence[Bits], own: Sequence[tuple[int, Bits]]) -> None:
        self._least = most + min((number for number, _ in own), default=0) - len(met)
        self._most = most
        self._own = own
        self._sums = _summed(met)

    def nearest(self, among: Bits) -> tuple[int, int] | None:
        """Return the smallest distance between positions in a set, and the first position with that distance;
        None if empty.
        """
        distance, found = self._nearest(among)
        return (distance, first_of(found)) if found else None

    def all_nearest(self, among: Bits) -> Bits:
        """Return the positions with the smallest distance within a set of positions."""
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
        """Return the positions that occur in exactly this number of sets."""
        if number < 0 or number >> len(self._sums):
            return 0
        for digit, bits in enumerate(self._sums):
            among &= bits if number >> digit & 1 else ~bits
        return among


def _summed(sets: Iterable[Bits]) -> list[Bits]:
    """Return in how many sets each position occurs, as binary digits, least significant first."""
    sums: list[Bits] = []
    for carry in sets:
        for digit, bits in enumerate(sums):
            sums[digit], carry = bits ^ carry, bits & carry  # noqa: PLW2901
        if carry:
            sums.append(carry)
    return sums
