"""LCOV tracefile: https://manpages.debian.org/testing/lcov/geninfo.1.en.html#FILES."""

from __future__ import annotations

from collections.abc import Iterable

from harness.coverage.line_counts import FileCounts
from harness.report.layout import shown_path


def lcov_text(files: Iterable[FileCounts]) -> str:
    """Return the tracefile."""
    return "".join(f"{line}\n" for counts in files for line in _of_file(counts))


def _of_file(counts: FileCounts) -> list[str]:
    lines = ["TN:", f"SF:{shown_path(counts.file)}"]
    branches = [(line, each) for line, found in sorted(counts.branches.items()) for each in found]
    for line, each in branches:
        taken = "-" if each.taken is None else each.taken
        lines.append(f"BRDA:{line},{each.block},{each.number},{taken}")
    lines += [f"BRF:{len(branches)}", f"BRH:{sum(bool(each.taken) for _, each in branches)}"]
    lines += [f"DA:{line},{hits}" for line, hits in sorted(counts.lines.items())]
    lines += [f"LF:{len(counts.lines)}", f"LH:{sum(bool(hits) for hits in counts.lines.values())}"]
    return [*lines, "end_of_record"]
