"""Options that select scenarios, and the record of the last failures."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from harness.choosing import Choice, NothingChosen, chosen
from harness.choosing.expressions import Expression, ExpressionError
from harness.choosing.last_failed import LastFailed
from harness.printable import say
from harness.projects import Projects
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.settings import SettingsError


def record_of(projects: Projects) -> LastFailed:
    """Return the record of the last failures in the working directory's project."""
    return LastFailed(projects.here.root, os.environ)


def choose(
    arguments: argparse.Namespace, scenarios: Sequence[Scenario], record: LastFailed
) -> tuple[Scenario, ...]:
    """Return the scenarios that the options select.

    Raises:
        SettingsError: an expression is invalid, or no scenario is selected.
    """
    failed: frozenset[Path] = frozenset()
    if arguments.last_failed:
        failed = record.failed.intersection(each.path.absolute() for each in scenarios)
        if not failed:
            say("--last-failed: no previous failures; all scenarios are selected", file=sys.stderr)
    choice = Choice(expression(arguments.k, "-k"), expression(arguments.m, "-m"), failed, arguments.shard)
    try:
        found = chosen(scenarios, choice)
    except NothingChosen as error:
        raise SettingsError(str(error)) from None
    if not found:
        number, of = arguments.shard
        say(f"--shard {number}/{of}: this shard has no scenarios", file=sys.stderr)
    return found


def expression(text: str | None, option: str) -> Expression | None:
    """Return an option's expression; None if the option is not set.

    Raises:
        SettingsError: the expression is invalid.
    """
    if text is None:
        return None
    try:
        return Expression.of(text)
    except ExpressionError as error:
        raise SettingsError(f"{option} {error}") from None


def most_failures(arguments: argparse.Namespace) -> int | None:
    """Return the number of failures that stops the run; None for no limit."""
    first = arguments.exitfirst or getattr(arguments, "keep_failed", False)
    number: int | None = 1 if first else arguments.maxfail
    return number


class PlaysNothing:
    """A runner for an empty shard. It runs no scenarios and starts no engine."""

    label = "no engine"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        return

    def start(self, screen: object) -> None:
        """Start nothing."""

    def results(self, scenarios: Sequence[Scenario], begun: Callable[[Scenario], object]) -> Iterator[Result]:
        """Yield no results."""
        return iter(())
