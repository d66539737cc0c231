"""The selection of scenarios."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.choosing.expressions import Expression
from harness.choosing.shard import Shard
from harness.scenario.model import Scenario
from harness.scenario.wording import like, nearest

_LIST: Final = "`harness list` shows all scenarios"


class NothingChosen(Exception):
    """No scenario is selected. The message gives the option responsible, and the remedy."""


@dataclass(frozen=True)
class Choice:
    """The options that select scenarios.

    Attributes:
        keywords: from `-k`. A name matches part of the file's path, the title or a tag, ignoring case.
        tags: from `-m`. A name matches an entire tag.
        failed: the files that failed last, from `--last-failed`; empty without this option.
    """

    keywords: Expression | None = None
    tags: Expression | None = None
    failed: Collection[Path] = ()
    shard: Shard | None = None


def chosen(scenarios: Sequence[Scenario], choice: Choice) -> tuple[Scenario, ...]:
    """Return the selected scenarios in their original order.

    Raises:
        NothingChosen: no scenarios are left. A shard may be empty if there are fewer scenarios than shards.
    """
    found = tuple(scenarios)
    if choice.failed:
        found = tuple(each for each in found if each.path.absolute() in choice.failed)
    if choice.tags is not None:
        before, tags = found, choice.tags
        found = tuple(each for each in found if tags.matches(set(each.tags).__contains__))
        _check(found, f"-m {tags.text!r}: {_no_tags(before, tags)}")
    if choice.keywords is not None:
        before, keywords = found, choice.keywords
        found = tuple(each for each in found if keywords.matches(_Words(each).has))
        _check(found, f"-k {keywords.text!r}: no file, title or tag matches; {_like(before, keywords)}")
    return found if choice.shard is None else choice.shard.part(found)


def _check(found: Sequence[Scenario], message: str) -> None:
    if not found:
        raise NothingChosen(message)


def _no_tags(scenarios: Sequence[Scenario], tags: Expression) -> str:
    known = sorted({tag for each in scenarios for tag in each.tags})
    if not known:
        return "none of these scenarios has tags; add `tags: [...]`"
    unknown = next((name for name in tags.names if name not in known), None)
    if unknown is None:
        return f"no scenario has matching tags; known: {', '.join(known)}"
    return f"no scenario has the tag {unknown!r}; {nearest(unknown, known)}"


def _like(scenarios: Sequence[Scenario], keywords: Expression) -> str:
    """Return a remedy for names that do not occur in any file, title or tag."""
    texts = [text for each in scenarios for text in _Words(each).texts]
    words = sorted({word for text in texts for word in re.findall(r"\w+", text)})
    for name in keywords.names:
        if not any(name.lower() in text for text in texts):
            return f"{like(name.lower(), words)} {_LIST}".lstrip()
    return _LIST


class _Words:
    """The strings that keywords are matched against."""

    def __init__(self, scenario: Scenario) -> None:
        self.texts = [text.lower() for text in (str(scenario.path), scenario.title, *scenario.tags)]

    def has(self, word: str) -> bool:
        """Return whether one of the strings contains a word."""
        return any(word.lower() in text for text in self.texts)
