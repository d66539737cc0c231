"""Creates the seed from groups: the same number of objects, and the same bytes for each extension in a
bucket.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from harness.importing.hiding import Hiding
from harness.importing.reads import Reads
from harness.inventory.groups import Bucket, Group, Groups, lines_of
from harness.inventory.model import LATEST, Listed, Refused
from harness.inventory.naming import Keys
from harness.inventory.shapes import LEVELS, Parts
from harness.scenario.names import bucket_name
from harness.scenario.position import RefusedError

_UNITS: Final = tuple(
    (f"{prefix}iB", 1024**power) for power, prefix in ((4, "T"), (3, "G"), (2, "M"), (1, "K"))
)
_STANDARD: Final = ("", "STANDARD")
_SAID: Final = 5


@dataclass(frozen=True)
class Wishes:
    """Options for a seed.

    Attributes:
        bucket: the bucket name if the listing has none.
        into: the logical ID of the template's bucket for the objects; "" for buckets in the account.
    """

    keep_names: bool = False
    bucket: str = ""
    into: str = ""


@dataclass
class Made:
    """A seed. `notes` list the parts of the listing that a seed cannot represent."""

    seed: Mapping[str, Any]
    count: int
    size_bytes: int
    buckets: int
    notes: list[str] = field(default_factory=list)


def made_of(listed: Iterable[Listed], wishes: Wishes) -> Made:
    """Create the seed from a listing, which is read to the end.

    Raises:
        Refused: a line cannot be used, or the listing does not match the options.
    """
    groups = Groups()
    groups.add_all(listed)
    if not groups.buckets and not groups.left_out:
        raise Refused("the listing has no objects, so no seed is needed")
    groups.fit()
    hiding = Hiding(Reads(), wishes.keep_names)
    notes = list(_notes(groups))
    if wishes.into:
        if len(groups.buckets) > 1:
            raise Refused(
                f"--into {wishes.into}: the listing has {len(groups.buckets)} buckets; remove the option"
            )
        entries = [_entries(each, hiding, notes) for each in groups.buckets.values()]
        seed: dict[str, Any] = {"objects": {wishes.into: list(chain.from_iterable(entries))}}
    else:
        seed = {"buckets": dict(_buckets(groups, wishes, hiding, notes))}
    count, size_bytes = groups.total
    return Made(seed, count, size_bytes, len(groups.buckets), notes)


def _buckets(
    groups: Groups, wishes: Wishes, hiding: Hiding, notes: list[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    used = set()
    for name in sorted(groups.buckets):
        shown = wishes.bucket if not name and wishes.bucket else hiding.resource(name) if name else "listed"
        if shown in used:
            raise Refused(
                f"--bucket {shown}: the listing has a bucket with this name; choose a different one"
            )
        used.add(shown)
        try:
            bucket_name(shown)
        except RefusedError as refusal:
            raise Refused(f"{refusal.message}; {refusal.remedy}, or remove --keep-names") from None
        yield shown, {"objects": _entries(groups.buckets[name], hiding, notes)}


def _entries(bucket: Bucket, hiding: Hiding, notes: list[str]) -> list[dict[str, Any]]:
    keys = Keys(hiding)
    lines = sorted(_lines(bucket), key=lambda line: -line[1].count)
    made = [_entry(keys.key(parts, group), group) for parts, group in lines]
    if keys.renamed:
        notes.append(f"{keys.renamed} names are not valid in a scenario and were replaced")
    return sorted(made, key=lambda entry: str(entry["key"]))


def _lines(bucket: Bucket) -> Iterator[tuple[Parts, Group]]:
    """Return the lines for a bucket: groups in which all objects have the same size.

    The bytes left over by the division are distributed among objects with the same extension, one byte each.
    """
    groups = sorted(lines_of(bucket), key=lambda line: -line[1].count)
    left: Counter[str] = Counter()
    for parts, group in groups:
        left[parts.suffix] += group.size_bytes % group.count
    for parts, group in groups:
        size = group.size_bytes // group.count
        larger = min(left[parts.suffix], group.count)
        left[parts.suffix] -= larger
        for count, each in ((larger, size + 1), (group.count - larger, size)):
            if count:
                yield parts, Group(group.example, count, count * each)


def _entry(key: str, group: Group) -> dict[str, Any]:
    made: dict[str, Any] = {"key": key}
    if group.count > 1:
        made["count"] = group.count
    return {**made, "size": size_text(group.size_bytes // group.count)}


def _notes(groups: Groups) -> Iterator[str]:
    """Return sentences about the parts that a seed cannot represent."""
    for kind, (number, size_bytes) in groups.left_out.items():
        assert kind != LATEST, "objects are counted"
        plural = "s" * (number != 1)
        size = f" of {readable(size_bytes)}" if size_bytes else ""
        yield f"{number:,} {kind}{plural}{size} left out: a seed contains only current objects"
    other = [(name, number) for name, number in groups.classes.most_common() if name not in _STANDARD]
    if other:
        listed = ", ".join(f"{number:,} {name}" for name, number in other[:_SAID])
        yield f"storage classes are not kept, all are STANDARD: {listed}"
    first, last = groups.dates
    if first:
        span = first if first == last else f"{first} to {last}"
        yield f"dates are not kept, objects are created at the start of the run: {span}"
    levels = {bucket.level for bucket in groups.buckets.values()}
    yield from (LEVELS[level][1] for level in sorted(levels) if level)
    if odd := sum(bucket.odd_suffixes for bucket in groups.buckets.values()):
        yield f"there are too many extensions: the extensions of {odd:,} objects are left out"


def size_text(size_bytes: int) -> str | int:
    """Return the exact size in the notation used in scenarios: `24 MiB`, or a number of bytes.

    >>> size_text(3 * 1024 * 1024), size_text(1000)
    ('3 MiB', 1000)
    """
    for unit, factor in _UNITS:
        if size_bytes and size_bytes % factor == 0:
            return f"{size_bytes // factor} {unit}"
    return size_bytes


def readable(size_bytes: int) -> str:
    """Return a human-readable size.

    >>> readable(1536), readable(12)
    ('1.5 KiB', '12 B')
    """
    unit, factor = next((each for each in _UNITS if size_bytes >= each[1]), ("B", 1))
    return f"{size_bytes / factor:.1f} {unit}" if factor > 1 else f"{size_bytes} B"
