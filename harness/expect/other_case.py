"""Mark mismatches whose subjects differ only in letter case as related."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.expect.model import Mismatch
from harness.expect.wording import CASE, quoted


def in_other_case(mismatches: Sequence[Mismatch]) -> Iterator[Mismatch]:
    """Return the mismatches. If subjects of the same expectation differ only in case, the summaries mention
    it.

    For example, `bucket photos, extension .JPG: not expected` also mentions the missing row `.jpg`.
    """
    alike: dict[tuple[str, str, str], list[Mismatch]] = {}
    for each in mismatches:
        if each.subject:
            alike.setdefault((each.expectation, each.run, each.subject.casefold()), []).append(each)
    for each in mismatches:
        group = alike.get((each.expectation, each.run, each.subject.casefold()), ())
        other = next((one.subject for one in group if one.subject != each.subject), None)
        if other is None:
            yield each
        else:
            said = f"{each.summary} ({CASE} from {_different(each.subject, other)})"
            yield replace(each, summary=said)


def _different(subject: str, other: str) -> str:
    """Return the words in another subject that differ from this one: `.jpg`."""
    words = zip(subject.split(), other.split(), strict=False)
    return " ".join(there for here, there in words if here != there) or quoted(other)
