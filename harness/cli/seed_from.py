"""`harness seed-from`: create a scenario's seed from an S3 Inventory or from AWS CLI output."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from harness.cli.progress_line import progress_line
from harness.exit_codes import PASSED
from harness.expect.project import expectations_of
from harness.inventory import Listed, Made, Refused, Wishes, listed_in, made_of
from harness.inventory.made import readable
from harness.printable import one_line, say
from harness.projects import Projects
from harness.scenario.load import parse
from harness.scenario_files import text_of
from harness.settings import SettingsError
from harness.settings_reading import options_in
from harness.writing import NotWritten, check_free, rewrite, write

_TOLD_EVERY = 10_000
_SCHEMA = "yaml-language-server: $schema=schema.json"


def seed_from(arguments: argparse.Namespace) -> int:
    """Print a seed, or write a scenario that contains it. List the properties that a seed does not support.

    Raises:
        SettingsError: the listing cannot be used, or the file already exists.
    """
    output: Path | None = arguments.output
    settings = Projects(dict(os.environ), options_in(arguments)).of(Path.cwd())
    wishes = Wishes(arguments.keep_names, arguments.bucket or "", arguments.into or "")
    try:
        if output is not None and not arguments.overwrite:
            check_free({output: ""}, "or add --overwrite")
        listing = listed_in(arguments.files, arguments.columns)
        with progress_line(sys.stderr) as told:
            made = made_of(_counted(listing, told) if told else listing, wishes)
        text = _scenario(made)
        parse(text, expectations_of(settings), output or Path("scenario.yaml"))
        if output is None:
            say(text_of({"seed": made.seed}), end="")
        elif os.path.lexists(output):
            rewrite(output, text)
        else:
            write({output: text})
    except (NotWritten, Refused) as error:
        raise SettingsError(str(error)) from error
    for sentence in (*listing.notes, *made.notes):
        say(one_line(f"note: {sentence}"), file=sys.stderr)
    if output is not None:
        say(f"{one_line(output)} written: {_size(made)}")
        say(f"run it with: {shlex.join(['harness', 'run', str(output)])}")
    return PASSED


def _counted(listing: Iterable[Listed], told: Callable[[str], object]) -> Iterator[Listed]:
    """Yield each line in a listing. `told` is called with the number of lines so far."""
    for number, each in enumerate(listing, start=1):
        if number % _TOLD_EVERY == 0:
            told(f"{number:,} objects read")
        yield each


def _scenario(made: Made) -> str:
    """Return a complete scenario. Its run has no input and is expected to succeed; the user adds the rest."""
    document: dict[str, Any] = {
        "title": f"With {_size(made)} from a listing",
        "seed": made.seed,
        "run": {"input": {}},
        "expect": {"execution": {"status": "SUCCEEDED"}},
    }
    return text_of(document, head=_SCHEMA)


def _size(made: Made) -> str:
    buckets = f" in {made.buckets} buckets" if made.buckets > 1 else ""
    return f"{made.count:,} object{'s' * (made.count != 1)} and {readable(made.size_bytes)}{buckets}"
