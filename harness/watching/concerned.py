"""Chooses the scenarios affected by saved files, with the reasons. If in doubt, it chooses more."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harness.report.layout import shown_path
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.settings import Settings
from harness.watching.usage import Usage, Usages, plain

ALL_AGAIN: Final = "press Enter to run all"
_MOST_NAMED: Final = 3


@dataclass(frozen=True)
class Chosen:
    """The chosen scenarios, in order, and the reasons."""

    scenarios: tuple[Scenario, ...]
    reasons: tuple[str, ...] = ()


@dataclass
class Memory:
    """A reporter that stores the outcome, the files used and the duration of each scenario's last run."""

    settings_of: Callable[[Path], Settings] = Settings
    usages: dict[Path, Usage] = field(default_factory=dict)
    durations_s: dict[Path, float] = field(default_factory=dict)
    failed: set[Path] = field(default_factory=set)
    pending: set[Path] = field(default_factory=set)
    _reader: Usages = field(default_factory=Usages)

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Mark all scenarios as pending until they run."""
        self.pending |= {plain(each.path) for each in scenarios}

    def scenario_started(self, scenario: Scenario) -> None:
        """Do nothing: no result is known yet."""

    def scenario_finished(self, result: Result) -> None:
        """Store the run's result."""
        path = plain(result.scenario.path)
        self.pending.discard(path)
        self.durations_s[path] = result.duration_s
        (self.failed.add if result.outcome in ("failed", "error") else self.failed.discard)(path)
        usage = self._reader.of(result, self.settings_of(result.scenario.path))
        if usage is None:
            self.usages.pop(path, None)
        else:
            self.usages[path] = usage

    def finished(self) -> None:
        """Store nothing more."""

    def forget(self) -> None:
        """Discard the templates, which may have changed; keep the files that scenarios used."""
        self._reader = Usages()

    def is_code(self, path: Path) -> bool:
        """Return whether a file contains only functions' code, for every known scenario."""
        usages = self.usages.values()
        return any(each.is_code(path) for each in usages) and not any(
            path in each.templates for each in usages
        )


def in_order(scenarios: Sequence[Scenario], memory: Memory, failed: Collection[Path]) -> tuple[Scenario, ...]:
    """Sort scenarios: those that failed last time come first, then by duration, shortest first."""
    return tuple(
        sorted(
            scenarios,
            key=lambda each: (
                plain(each.path) not in failed,
                memory.durations_s.get(plain(each.path), 0.0),
            ),
        )
    )


def concerned(
    saved: Collection[Path],
    scenarios: Sequence[Scenario],
    memory: Memory,
    *,
    special: Collection[Path] = (),
    others: Collection[Path] = (),
) -> Chosen:
    """Choose the scenarios that saved files affect, and those that failed last time or are still pending.

    `special` are files that affect all scenarios, such as settings and modules of the project. `others` are
    the files of scenarios that options exclude.
    """
    choice = _Choice(scenarios, memory, frozenset(special), {*others, *memory.durations_s})
    for path in sorted(saved):
        choice.add(path)
    return choice.chosen()


class _Choice:
    def __init__(
        self,
        scenarios: Sequence[Scenario],
        memory: Memory,
        special: Collection[Path],
        others: Collection[Path],
    ) -> None:
        self._scenarios = {plain(each.path): each for each in scenarios}
        self._memory = memory
        self._special = special
        self._others = others
        self._usages: Mapping[Path, Usage | None] = {p: memory.usages.get(p) for p in self._scenarios}
        self._found: set[Path] = set()
        self._reasons: list[str] = []

    def add(self, path: Path) -> None:
        """Choose the scenarios that a file affects."""
        if path in self._scenarios:
            self._take({path}, f"{shown_path(path)}: this scenario")
        elif path in self._others:
            self._take(set(), f"{shown_path(path)}: excluded scenario")
        elif path in self._special:
            self._all(path)
        elif any(usage is not None and path in usage.templates for usage in self._usages.values()):
            self._add_template(path)
        elif self._memory.is_code(path):
            self._add_code(path)
        else:
            self._all(path)

    def chosen(self) -> Chosen:
        """Return the scenarios, and the reasons."""
        left = (self._memory.pending & self._scenarios.keys()) - self._found
        if left:
            self._take(left, f"{_number(len(left))} still pending")
        failed = self._memory.failed & self._scenarios.keys()
        if more := failed - self._found:
            self._take(more, f"{_number(len(more))} that failed last time")
        found = [each for path, each in self._scenarios.items() if path in self._found]
        return Chosen(in_order(found, self._memory, failed), tuple(self._reasons))

    def _all(self, path: Path) -> None:
        number = len(self._scenarios)
        which = "the only scenario" if number == 1 else f"all {number} scenarios"
        self._take(set(self._scenarios), f"{shown_path(path)}: {which}")

    def _add_template(self, path: Path) -> None:
        deploy = {p for p, usage in self._usages.items() if usage is None or path in usage.templates}
        verb = "deploys" if len(deploy) == 1 else "deploy"
        self._take(deploy | self._that_name(path), f"{shown_path(path)}: {self._of(deploy)} {verb} it")

    def _add_code(self, path: Path) -> None:
        known = {p: usage for p, usage in self._usages.items() if usage is not None}
        unknown = self._usages.keys() - known.keys()
        functions = dict.fromkeys(each for usage in known.values() for each in usage.functions)
        having = {each for each in functions if each.has(path)}
        using = {p for p, usage in known.items() if usage.invokes(having)}
        names = dict.fromkeys(
            each.name
            for each in functions
            if each in having and any(each.name in known[p].invoked for p in using)
        )
        said = f"{self._of(using)} use{'s' * (len(using) == 1)} {_listed(list(names)) if names else 'it'}"
        self._take(using | self._that_name(path), f"{shown_path(path)}: {said}")
        if unknown - self._found:
            self._take(unknown, f"{_number(len(unknown))} whose last run did not report the files it used")

    def _that_name(self, path: Path) -> set[Path]:
        """Return the scenarios whose text contains a file's name."""
        return {p for p, each in self._scenarios.items() if path.name in each.source.text}

    def _of(self, some: Collection[Path]) -> str:
        number = len(self._scenarios)
        if number == 1:
            return "the only scenario" if some else "the only scenario does not"
        return f"{len(some) if some else 'none'} of {number} scenarios"

    def _take(self, paths: Collection[Path], reason: str) -> None:
        self._found |= set(paths)
        self._reasons.append(reason)


def _number(number: int) -> str:
    return "1 scenario" if number == 1 else f"{number} scenarios"


def _listed(names: Sequence[str]) -> str:
    shown, more = names[:_MOST_NAMED], len(names) - _MOST_NAMED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def words_of(reasons: Sequence[str], left_out: int) -> Iterator[str]:
    """Yield the sentences about a choice; the last one says how to run the rest."""
    if reasons:
        end = f"; {ALL_AGAIN}" if left_out else ""
        yield from reasons[:-1]
        yield reasons[-1] + end
