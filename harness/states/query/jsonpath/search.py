"""One evaluation of a JSONPath: the document's root, and a limit on its cost."""

from __future__ import annotations

from typing import Final

from harness.json_types import Json

from ...errors import QueryError

MOST_VISITED: Final = 500_000
"""Maximum number of values that one evaluation visits or compares. A payload of 256 KiB has at most 131,072
values. Only paths that multiply this number come close to the limit: `$..*..*..*`, `[0,0][0,0][0,0]...`, a
scan in a filter.
"""


class TooCostly(QueryError):
    """A path visits more values than an evaluation allows."""


class Search:
    """The state of one evaluation, shared with the paths in its filters.

    Attributes:
        root: the document.
    """

    __slots__ = ("_left", "root")

    def __init__(self, root: Json) -> None:
        self.root: Final = root
        self._left = MOST_VISITED

    def spend(self, values: int) -> None:
        """Count visited values. Raises TooCostly if there are too many."""
        self._left -= values
        if self._left < 0:
            raise TooCostly(f"The path visits more than {MOST_VISITED} values")

    def spent(self) -> Search:
        """Count a comparison, which counts as two values, and return this search."""
        self.spend(2)
        return self

    def compare(self, left: Json, right: Json) -> bool:
        """Compare two JSON values. 1 and 1.0 are equal, and both differ from true."""
        pairs = [(left, right)]
        while pairs:
            a, b = pairs.pop()
            self.spend(1)
            if type(a) is not type(b):
                return False
            if isinstance(a, dict) and isinstance(b, dict):
                if a.keys() != b.keys():
                    return False
                pairs += [(item, b[key]) for key, item in a.items()]
            elif isinstance(a, list) and isinstance(b, list):
                if len(a) != len(b):
                    return False
                pairs += zip(a, b, strict=True)
            elif a != b:
                return False
        return True
