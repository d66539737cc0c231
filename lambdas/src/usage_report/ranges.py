"""The ranges of keys in which a bucket is listed, and the choice of where to split them.

A bucket begins as one range. A range may be split while it is listed: the keys after a text become a
separate range. Ranges never overlap, and together they are the whole bucket, so each key counts once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from usage_report.key_space import KeySpace, behind, shared

PAGE = 1_000
"""The keys of a full page: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html."""
FIRST_PAGES = 25
"""A bucket with fewer pages is listed sequentially."""
# The cost of a split is pages that are not full: the last page of each range, and one page for each empty
# range. The limit is half a page for each lane, plus this share of the pages.
WASTE = 0.04
_ENOUGH_PAGES = 4.0  # a range with fewer pages is not split
_MOST_REST = 8


@dataclass(eq=False)
class Range:
    """The keys after `after` up to and including `until`; None is the end of the bucket.

    Attributes:
        token: continues the listing at `after`; None if unknown.
        pages: the number of its listed pages.
        pages_left: an estimate of its remaining pages.
    """

    after: str = ""
    until: str | None = None
    token: str | None = None
    pages: int = 0
    pages_left: float = 0.0
    parent: "Range | None" = field(default=None, repr=False)
    starts: list[str] = field(default_factory=list, repr=False)  # the first keys of its pages
    fruitless: int = 0  # consecutive splits after which no keys were found
    rests_until: int = 0  # it is not split before it has this many pages
    split_at: int = 0  # the pages that it had at its last split


class Splitter:
    """Splits the ranges of one bucket among `lanes`. Not thread-safe.

    Attributes:
        pages: the number of listed pages of the bucket.
    """

    def __init__(self, lanes: int, pages: int = 0) -> None:
        self.pages = pages
        self._lanes = lanes
        self._space = KeySpace()
        self._wasted = 0.0  # pages

    def note(self, listed: Range, keys: Sequence[str]) -> None:
        """Record a page: its keys in order, as far as they are in the range."""
        self.pages += 1
        listed.pages += 1
        parent = listed.parent
        if listed.until is not None:
            self._wasted += 1 - len(keys) / PAGE
        if not keys:
            if parent is not None and not listed.starts:
                parent.fruitless += 1
                parent.rests_until = parent.pages + min(_MOST_REST, 2**parent.fruitless // 8)
                self._estimate(parent)
            return
        if parent is not None and not listed.starts:
            parent.fruitless = 0
        self._space.note(keys, new_part=not listed.starts)
        listed.starts.append(keys[0])
        listed.after = keys[-1]
        self._estimate(listed)

    def split(self, listed: Range, live: Iterable[Range]) -> Range | None:
        """Split a range with at least one listed page; return the part after its new end.

        Return None if a split is not worthwhile, or if none of its pages had keys (S3 may return such pages):
        then the prefixes of other keys say nothing about it. `live` are all ranges that are being listed.
        """
        others = [each for each in live if each is not listed]
        if self.pages < FIRST_PAGES or not listed.starts or listed.pages < listed.rests_until:
            return None
        if self._wasted + (len(others) + 1) / 2 > self._lanes / 2 + self.pages * WASTE:
            return None
        if listed.until is not None:
            known = [each.pages_left for each in others if each.pages]
            if listed.pages_left < max(_ENOUGH_PAGES, (listed.pages_left + sum(known)) / self._lanes / 2):
                return None
            if any(
                each.pages_left > 2 * listed.pages_left and each.pages >= each.rests_until for each in others
            ):
                return None
        at = self._place(listed)
        if at is None:
            return None
        upper = Range(at, listed.until, parent=listed)
        listed.until = at
        listed.split_at, listed.rests_until = listed.pages, listed.pages + 1
        self._estimate(listed)
        return upper

    def _place(self, listed: Range) -> str | None:
        low, high = listed.after, listed.until
        if high is None and self._space.root:
            return behind(self._space.root)  # are there any keys with another prefix?
        if listed.fruitless > 1:
            # All remaining keys may have the prefix of the last listed ones.
            end = behind(shared(listed.starts[len(listed.starts) // 2], low))
            if end is not None and (high is None or low < end < high):
                return end
        return self._space.middle(low, high)

    def _estimate(self, listed: Range) -> None:
        number = self._space.number
        here, first = number(listed.after), number(listed.starts[0]) if listed.starts else 1.0
        last = number(listed.starts[-1]) if listed.starts else 1.0
        left = number(listed.until) - here
        # Estimates: the pages since its last split; the distance covered; the density of its last page.
        listed.pages_left = max(
            listed.pages - listed.split_at,
            left / (here - first) * listed.pages if here > first else 0.0,
            left / (here - last) if here > last else 0.0,
        )
