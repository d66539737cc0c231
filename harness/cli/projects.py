"""`harness projects`: show the workflows in a checkout and how each would be run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from harness.printable import one_line, say
from harness.stack.checkout import Found, found_in


def show_projects(folder: Path, engine: str) -> int:
    """Print the workflows in a folder. Return 2 if there are none."""
    found = [each for each in found_in(folder, engine) if each.is_workflow]
    if not found:
        say(f"{folder}: contains no template with a state machine, no cdk.out and no definition (*.asl.json)")
        return 2
    for each in found:
        for line in _lines(each):
            say(one_line(line))
    played = sum(not each.problems for each in found)
    say(f"\n{len(found)} found; {played} can run as they are")
    return 0


def _lines(found: Found) -> Iterator[str]:
    yield f"{os.path.relpath(found.path)}  ({found.form})"
    if found.machines:
        yield f"  state machines: {', '.join(found.machines)}"
    if found.functions:
        yield f"  functions: {', '.join(f'{name} ({runtime})' for name, runtime in found.functions.items())}"
    if found.parameters:
        yield f"  required parameters: {', '.join(found.parameters)}"
    if found.values:
        yield f"  required values: {', '.join(found.values)}"
    yield from (f"  install first: {line}" for line in found.installs)
    for problem in found.problems:
        yield from (f"  cannot run as it is: {line}" for line in problem.splitlines())
    if not found.problems:
        key = "template" if found.machines else "definition"
        path = found.path.parent if found.form == "cdk" else found.path
        yield f'  run it with: [tool.harness] {key} = "{os.path.relpath(path)}"'
