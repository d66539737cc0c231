"""Search a large number of names and patterns by prefix and suffix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.numbered import Pattern, ends


class Names:
    """Ordered names, each with or without a counter."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = tuple(patterns)
        self._lengths: dict[str, int] = {}
        self._single: dict[str, list[int]] = {}
        self._by_ends: dict[str, dict[str, list[int]]] = {}
        for place, pattern in enumerate(self.patterns):
            self._lengths[pattern.text] = max(len(pattern), self._lengths.get(pattern.text, 0))
            if pattern.count is None:
                self._single.setdefault(pattern.text, []).append(place)
            else:
                head, tail = ends(pattern.text)
                self._by_ends.setdefault(head, {}).setdefault(tail, []).append(place)

    def __contains__(self, name: str) -> bool:
        return name in self._single or next(self.with_counter(name), None) is not None

    def covers(self, pattern: Pattern) -> bool:
        """Return whether one of the names has the same text and count as a pattern."""
        return len(pattern) <= self._lengths.get(pattern.text, -1)

    def with_counter(self, name: str) -> Iterator[int]:
        """Return the indexes of the counter patterns that match a name."""
        for end in range(len(name) + 1):
            tails = self._by_ends.get(name[:end])
            if tails is None:
                continue
            fitting = tails if len(tails) <= len(name) else (name[n:] for n in range(len(name) + 1))
            for tail in fitting:
                yield from (
                    n for n in tails.get(tail, ()) if name.endswith(tail) and name in self.patterns[n]
                )

    def meeting(self) -> Iterator[tuple[int, int]]:
        """Return the sorted index pairs of counter patterns with compatible prefixes and suffixes."""
        heads = {head: list(tails.items()) for head, tails in self._by_ends.items()}
        found: set[tuple[int, int]] = set()
        for head, tails in heads.items():
            others = [each for end in range(len(head) + 1) for each in heads.get(head[:end], ())]
            longest = max((len(tail) for tail, _ in (*others, *tails)), default=0)
            by_end: dict[str, list[int]] = {}
            for tail, places in others:
                for start in range(len(tail) + 1):
                    by_end.setdefault(tail[start:], []).extend(places)
            whole = dict[str, list[int]]()
            for tail, places in others:
                whole.setdefault(tail, []).extend(places)
            for tail, places in tails:
                fitting = {*by_end.get(tail, ())}
                for start in range(1, min(len(tail), longest) + 1):
                    fitting.update(whole.get(tail[start:], ()))
                found.update((min(n, m), max(n, m)) for n in places for m in fitting if n != m)
        return iter(sorted(found))
