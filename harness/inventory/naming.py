"""Converts keys to patterns, with names that replace a company's own. Patterns are unique within a bucket."""

from __future__ import annotations

from itertools import count as counting
from typing import Final

from harness.importing.hiding import Hiding
from harness.inventory.groups import Group
from harness.inventory.shapes import ANY, RUN, Parts
from harness.numbered import COUNTER, Pattern
from harness.scenario.names import MAX_KEY_BYTES

_WIDEST: Final = 99
_LETTERS: Final = 26


class Keys:
    """The keys in one bucket. Request the keys with counters first.

    Attributes:
        renamed: the number of keys that are renamed even though names are kept: they are invalid in a
        scenario.
    """

    def __init__(self, hiding: Hiding) -> None:
        self.renamed = 0
        self._hiding: Final = hiding
        self._taken: set[Parts] = set()

    def key(self, parts: Parts, group: Group) -> str:
        """Return the key for a group, with a counter if it stands for several objects. `parts` is its
        form.
        """
        example, counts = group.example, group.count > 1
        folder = self._folder(parts.folder if counts else example.folder)
        stem = self._stem(parts.stem, example.stem, group.count)
        key = self._free(Parts(folder, stem, parts.suffix), counts)
        if len(Pattern(key, group.count if counts else None).last.encode()) <= MAX_KEY_BYTES:
            return key
        folder = f"{self._hidden(folder)}/" if folder else ""
        stem = _counter(len(str(group.count))) if counts else self._hidden(stem)
        return self._free(Parts(folder, stem, parts.suffix), counts)

    def _folder(self, folder: str) -> str:
        return "".join(f"{self._shown(part)}/" for part in folder.split("/")[:-1])

    def _shown(self, name: str) -> str:
        """Return the name for a folder or a file."""
        if not name:
            return ""
        if self._hiding.keep_names and (not name.isprintable() or COUNTER.search(name)):
            self.renamed += 1
            return self._hidden(name)
        return self._hiding.resource(name)

    def _hidden(self, name: str) -> str:
        keep, self._hiding.keep_names = self._hiding.keep_names, False
        made = self._hiding.resource(name)
        self._hiding.keep_names = keep
        return made

    def _stem(self, form: str, example: str, count: int) -> str:
        if count == 1:
            return self._shown(example)
        if form == ANY:  # the placeholder stands for different names, or for numbers
            runs = [len(run) for run in RUN.findall(example)] if RUN.fullmatch(example) else []
            return _counter(min(runs[0], _WIDEST) if runs else len(str(count)))
        if self._hiding.keep_names and not COUNTER.search(example) and example.isprintable():
            made = RUN.sub(lambda run: _counter(min(len(run[0]), _WIDEST)), example)
            return made if ANY in form and made != example else f"{made}-{_counter(len(str(count)))}"
        last = [run[0] for run in RUN.finditer(example)]
        width = min(len(last[-1]), _WIDEST) if last else len(str(count))
        return f"{self._shown(form.replace(ANY, '0')) if form else ''}-{_counter(width)}".lstrip("-")

    def _free(self, parts: Parts, counts: bool) -> str:
        """Return a key that no earlier line has. A suffix can make it unique: "", "-b", "-c" ..."""
        for number in counting():
            stem = f"{parts.stem}-{_letters(number)}" if number else parts.stem
            form = parts._replace(stem=COUNTER.sub(ANY, stem))
            if form not in self._taken and (
                counts or parts._replace(stem=RUN.sub(ANY, stem)) not in self._taken
            ):
                break
        self._taken.add(form)
        return f"{parts.folder}{stem}{parts.suffix}"


def _counter(width: int) -> str:
    return f"{{n:0{width}}}" if width > 1 else "{n}"


def _letters(number: int) -> str:
    """Convert a number to letters.

    >>> _letters(1), _letters(25), _letters(26)
    ('b', 'z', 'ba')
    """
    rest, last = divmod(number, _LETTERS)
    return (_letters(rest) if rest else "") + chr(ord("a") + last)
