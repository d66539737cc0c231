"""Cobertura XML, as read by GitLab and diff-cover.

https://cobertura.github.io/cobertura/xml/coverage-04.dtd

Each file is a class. A state with branches has a line with `branch="true"`. `timestamp` is 0, so that the
same run produces the same file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from harness.coverage.line_counts import BranchCount, FileCounts
from harness.printable import printable
from harness.report.layout import shown_path

DOCTYPE = '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">'


def cobertura_text(files: Sequence[FileCounts]) -> str:
    """Return the document."""
    root = ET.Element("coverage", _rates(files, totals=True) | {"version": "1.9", "timestamp": "0"})
    sources = ET.SubElement(root, "sources")
    ET.SubElement(sources, "source").text = "."
    packages = ET.SubElement(root, "packages")
    for folder in sorted({Path(shown_path(each.file)).parent for each in files}):
        inside = [each for each in files if Path(shown_path(each.file)).parent == folder]
        package = ET.SubElement(packages, "package", {"name": printable(str(folder)), **_rates(inside)})
        classes = ET.SubElement(package, "classes")
        for counts in inside:
            _class(classes, counts)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{DOCTYPE}\n{ET.tostring(root, encoding="unicode")}\n'


def _class(classes: ET.Element, counts: FileCounts) -> None:
    name = printable(shown_path(counts.file))
    of = {"name": counts.file.name, "filename": name, **_rates([counts])}
    element = ET.SubElement(classes, "class", of)
    ET.SubElement(element, "methods")
    lines = ET.SubElement(element, "lines")
    for number, hits in sorted(counts.lines.items()):
        attributes = {"number": str(number), "hits": str(hits)}
        branches = counts.branches.get(number, [])
        if not branches:
            ET.SubElement(lines, "line", {**attributes, "branch": "false"})
            continue
        line = ET.SubElement(
            lines, "line", {**attributes, "branch": "true", "condition-coverage": _part(branches)}
        )
        conditions = ET.SubElement(line, "conditions")
        for place, branch in enumerate(branches):
            covered = "100%" if branch.taken else "0%"
            found = {"number": str(place), "type": "jump", "coverage": covered}
            ET.SubElement(conditions, "condition", found)


def _part(branches: Sequence[BranchCount]) -> str:
    hit = sum(bool(each.taken) for each in branches)
    return f"{100 * hit // len(branches)}% ({hit}/{len(branches)})"


def _rates(files: Sequence[FileCounts], *, totals: bool = False) -> dict[str, str]:
    lines = [hits for each in files for hits in each.lines.values()]
    branches = [branch for each in files for found in each.branches.values() for branch in found]
    hit, taken = sum(map(bool, lines)), sum(bool(each.taken) for each in branches)
    found = {"line-rate": _rate(hit, len(lines)), "branch-rate": _rate(taken, len(branches))}
    if totals:
        found |= {
            "lines-covered": str(hit),
            "lines-valid": str(len(lines)),
            "branches-covered": str(taken),
            "branches-valid": str(len(branches)),
        }
    return found | {"complexity": "0"}


def _rate(hit: int, of: int) -> str:
    return f"{hit / of:.4f}" if of else "1.0000"
