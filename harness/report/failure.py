"""One failure as lines: expected and actual values, where it failed, and how to reproduce it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.text import Text

from harness.expect.model import Mismatch
from harness.expect.wording import QUOTED_LIMIT
from harness.explaining import more_about
from harness.report.codes import codes_of_failure
from harness.report.expected_failures import parted
from harness.report.happened import CAUSES, LISTED, OTHERS, causes, others
from harness.report.layout import BAD, QUIET, STRONG, compared, excerpt, line, lines_around, prose, shown_path
from harness.report.model import Result
from harness.report.written import written

# Number of mismatches that are shown in full. Others get one line each, or are only counted.
DETAILED_MISMATCHES = 5
# Prefix for `expected` and `seen` lines.
_LABEL = re.compile(r"^(?:- )?(?:not: )?(?:(?:contains|matches|equals) |[a-z]+: )*")
_NOTHING = "(none)"


def failure_text(result: Result, verbose: bool = False, *, reproduce: bool = True, like: str = "") -> str:
    """Return the explanation for a failed result as plain text without a trailing newline."""
    lines = failure_lines(result, verbose, reproduce=reproduce, like=like)
    text = "\n".join(text.plain for text in lines)
    return text.encode("utf-8", "backslashreplace").decode()  # AWS text may not be valid Unicode


def failure_lines(
    result: Result,
    verbose: bool = False,
    *,
    reproduce: bool = True,
    like: str = "",
    alike: Sequence[str] = (),
    head: bool = True,
) -> Iterator[Text]:
    """Yield the explanation for a failed result, line by line; `verbose` shows everything.

    The cause comes first, followed by the unmet expectations. `head` adds a first line about the scenario.
    `reproduce` adds the command that runs it again. `like` names a failure with the same cause that was
    already explained; this failure is then shown in short form. `alike` are the files of other scenarios that
    fail for the same reason.
    """
    word = "ERROR" if result.outcome == "error" else "FAIL"
    where = f"{shown_path(result.scenario.path)} on {result.engine}, {result.duration_s:.1f} s"
    if head:
        yield line(f"{word}  {where}", f"{STRONG} {BAD}")
    if reproduce and result.reproduce:
        yield line(f"reproduce: {result.reproduce}", indent=len(word) + 2)
    if like:
        yield line(f"the same cause as {like}", indent=len(word) + 2)
        yield from _headlines(result.mismatches, verbose)
        return
    if result.reason and not head:
        yield line()
    for text in result.reason.splitlines():
        yield line(text, indent=2)
    seen = result.observation
    parts = parted(result, seen) if seen is not None else None
    first = list(causes(result, parts, seen, verbose)) if seen is not None and parts is not None else []
    yield from first
    told = [each.cause for each in parts.all.endings] if parts is not None and first else ()
    yield from _mismatches(result, verbose, [cause for cause in told if len(cause) > QUOTED_LIMIT])
    if not first:
        yield from written(result)
    if seen is not None and parts is not None:
        yield from others(parts, seen, verbose, heading=OTHERS if first else CAUSES)
    if more := more_about(codes_of_failure(result, parts)):
        yield line()
        yield line(more, QUIET, indent=2)
    if alike:
        yield line()
        yield line(f"{len(alike)} more with the same cause: {', '.join(alike)}", STRONG)


def headline(mismatch: Mismatch) -> str:
    """Return a mismatch as one line: `scenarios/x.yaml:24: items: table OrdersTable: expected 2 items, seen
    1`.
    """
    where = f"{shown_path(mismatch.where.path)}:{mismatch.where.line}"
    return f"{where}: {mismatch.expectation}: {mismatch.summary}"


def first_line(result: Result) -> str:
    """Return the first mismatch of a failure as one line, or the first line of its reason.

    The scenario's file is omitted: `line 24: items: table OrdersTable: expected 2 items, seen 1`.
    """
    if not result.mismatches:
        return next(iter(result.reason.splitlines()), "")
    first = result.mismatches[0]
    if first.where.path != result.scenario.path:
        return headline(first)
    return f"line {first.where.line}: {first.expectation}: {first.summary}"


def _headlines(mismatches: Sequence[Mismatch], verbose: bool) -> Iterator[Text]:
    shown = len(mismatches) if verbose else LISTED
    for mismatch in mismatches[:shown]:
        yield prose(headline(mismatch), BAD)
    if len(mismatches) > shown:
        yield line(f"… {len(mismatches) - shown} more mismatches (-v shows all)", QUIET)


def _mismatches(result: Result, verbose: bool, told: Sequence[str]) -> Iterator[Text]:
    detailed = len(result.mismatches) if verbose else DETAILED_MISMATCHES
    around = 2 if len(result.mismatches) == 1 else 0
    before: Mismatch | None = None
    for mismatch in result.mismatches[:detailed]:
        yield line()
        yield prose(headline(mismatch), BAD)
        if before is None or before.where != mismatch.where:
            yield from place_lines(result, mismatch, around)
        yield from detail_lines(mismatch, verbose, told)
        before = mismatch
    if result.mismatches[detailed:]:
        yield line()
        yield from _headlines(result.mismatches[detailed:], verbose)


def place_lines(result: Result, mismatch: Mismatch, around: int) -> Iterator[Text]:
    """Return the relevant lines of the file that a mismatch refers to: the scenario's file or the
    template.
    """
    where = mismatch.where
    if where.path != result.scenario.path:
        yield from excerpt(lines_around(where, around), where.line, where.column, 4)
    # Line 1 of a scenario is its title: a mismatch at this position applies to the whole file.
    elif where.line > 1:
        yield from excerpt(list(result.scenario.excerpt(where, around, around)), where.line, where.column, 4)


def detail_lines(mismatch: Mismatch, verbose: bool, told: Sequence[str] = ()) -> Iterator[Text]:
    """Yield the parts of `expected` and `seen` that are not in the headline, and the remedy.

    `told` are causes that the report has already shown; "as above" replaces them.
    """
    all_seen = mismatch.seen
    for cause in told:
        all_seen = all_seen.replace(cause, "as above")
    expected, seen = (
        "" if _is_said(text, mismatch.summary) else text for text in (mismatch.expected, all_seen)
    )
    if expected and seen:
        yield from compared(mismatch.expected, all_seen, 4, verbose)
    elif expected or seen:
        yield from compared(expected, seen, 4, verbose)
    for text in mismatch.remedy.splitlines():
        yield line(text, indent=4)


def _is_said(text: str, summary: str) -> bool:
    """Return whether a headline contains every line of a string, ignoring quotes and leading words."""
    said = (_LABEL.sub("", each.strip()).strip('"') for each in text.splitlines())
    return all(each in summary or each in (_NOTHING, "as above") for each in said)
