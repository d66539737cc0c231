"""Compare list entries with the observed items: objects, queue messages, events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from harness.expect.base import Entry
from harness.expect.contents import Unmet
from harness.expect.model import Mismatch
from harness.expect.pairing import pair
from harness.expect.wording import counted

_NAMES = frozenset(("key", "bus", "source", "detail_type", "method", "path"))
"""Parts that identify an item. An item that differs in them ranks after all others."""
_CALLED = {"members": "JSON", "json": "JSON", "detail_type": "detail-type"}
"""Parts that have a different name in messages than in the file."""
W = TypeVar("W")
S = TypeVar("S")


@dataclass(frozen=True)
class Kind(Generic[W, S]):
    """A kind of item.

    `noun` is the name of the kind. `unmet` returns the parts in which an item differs from an entry. `asked`
    describes an entry in one line, `name` identifies an item in one line, and `text` is the entire item.
    """

    noun: str
    unmet: Callable[[W, S], tuple[Unmet, ...]]
    asked: Callable[[W], str]
    name: Callable[[S], str]
    text: Callable[[S], str]


def lacking(kind: Kind[W, S], wanted: W, seen: Sequence[S], place: Entry, subject: str) -> Iterator[Mismatch]:
    """Yield the mismatches for an entry without a match, compared with the closest item."""
    found = [kind.unmet(wanted, each) for each in seen]
    if any(not reasons for reasons in found):
        return
    nearest = min(range(len(seen)), key=lambda n: _distance(found[n]), default=None)
    yield from _missing(kind, wanted, None if nearest is None else seen[nearest], place, subject, len(seen))


def exact(
    kind: Kind[W, S],
    wanted: Sequence[tuple[int, W]],
    seen: Sequence[S],
    place: Entry,
    subject: str,
) -> Iterator[Mismatch]:
    """Yield a mismatch for each entry without a counterpart, and for each unexpected item.

    `wanted` contains each entry's index in the file, because an entry may expect several items. The number of
    pairs is maximized. Each remaining entry is compared with the closest item.
    """
    left = pair(wanted, seen, lambda entry, thing: _distance(kind.unmet(entry[1], thing)))
    for (number, entry), nearest in left.missing:
        yield from _missing(kind, entry, nearest, place.at(number), subject, len(seen))
    number_of_both = f"{counted(len(seen), kind.noun)} seen, {len(wanted)} expected"
    for thing in left.extra:
        said = f"{kind.noun} {kind.name(thing)}: not expected ({number_of_both})"
        yield place.mismatch(said, "", kind.text(thing), subject)


def forbidden(
    kind: Kind[W, S], wanted: W, seen: Sequence[S], place: Entry, subject: str
) -> Iterator[Mismatch]:
    """Yield a mismatch for each item that matches an entry that forbids it."""
    for thing in seen:
        if not kind.unmet(wanted, thing):
            said = f"{kind.noun} {kind.name(thing)}: must not exist, because its {kind.asked(wanted)}"
            yield place.mismatch(said, "", kind.text(thing), subject)


def _missing(
    kind: Kind[W, S], wanted: W, nearest: S | None, place: Entry, subject: str, number: int
) -> Iterator[Mismatch]:
    if nearest is None:
        said = f"expected {kind.noun} whose {kind.asked(wanted)}, but none is left"
        many = counted(number, kind.noun)
        yield place.mismatch(f"{said} ({many} seen)", kind.asked(wanted), f"(no {kind.noun})", subject)
        return
    for unmet in kind.unmet(wanted, nearest):
        said = f"the {_CALLED.get(unmet.part, unmet.part)} {' and '.join(unmet.reasons)}"
        of = f"{kind.noun} {kind.name(nearest)}"
        yield place.at(unmet.part).mismatch(f"{of}: {said}", unmet.expected, unmet.seen, subject)


def _distance(unmet: Sequence[Unmet]) -> int:
    return sum(10 if each.part in _NAMES else 1 for each in unmet)
