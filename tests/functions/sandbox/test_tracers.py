"""Both tracers record the same lines and arcs of a program as coverage.py."""

from __future__ import annotations

import sys
import textwrap
import threading
from collections.abc import Mapping
from typing import Any

import coverage
import pytest

from harness.functions.host.measuring import Measured
from harness.functions.sandbox.tracers import tracers_of
from harness.functions.shared.model import Ran

FILE = "/var/task/program.py"
PROGRAM = textwrap.dedent(
    """
    import contextlib

    def generate(most):
        for number in range(most):
            yield number
        return most

    def delegate():
        result = yield from generate(2)
        yield result

    async def wait():
        return 1

    async def waits():
        return await wait()

    def fail(kind):
        try:
            raise kind("no")
        except ValueError:
            return "value"
        finally:
            done = True

    @contextlib.contextmanager
    def opened():
        yield 1

    class Kind:
        value = 3

        def of(self, x):
            return [y for y in range(x) if y % 2] if x else None

    def main(x):
        found = list(delegate())
        with opened() as one:
            found.append(one)
        while x:
            x -= 1
            if x == 1:
                continue
            else:
                found.append(x)
        try:
            waits().send(None)
        except StopIteration as ended:
            found.append(ended.value)
        match found:
            case [0, *_]:
                found.append("first")
            case _:
                found.append("never")
        found.append(fail(ValueError))
        try:
            fail(KeyError)
        except KeyError:
            pass
        (lambda: Kind().of(3))()
        return found

    main(3)
    """
)


def _extension() -> str:
    measured = Measured()
    measured.begin(arcs=True)
    setting = measured.setting(f"{sys.version_info.major}.{sys.version_info.minor}", None)
    assert setting is not None
    return setting["extension"]


def _traced(extension: str, *, arcs: bool) -> Ran:
    """The recorded trace of the program, in a thread without any other tracing."""
    found: list[Ran] = []
    program = compile(PROGRAM, FILE, "exec")

    def run() -> None:
        tracers = tracers_of(extension, FILE.__eq__, arcs=arcs)
        tracers.start()
        try:
            exec(program, {"__name__": "program"})
        finally:
            sys.settrace(None)
        found.append(tracers.ran(tracers.data[FILE]))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


@pytest.fixture(scope="module")
def seen_by_coverage(tmp_path_factory: pytest.TempPathFactory) -> Mapping[bool, Any]:
    """The program's lines and arcs, recorded by coverage.py itself."""
    path = tmp_path_factory.mktemp("program") / "program.py"
    path.write_text(PROGRAM)
    found: dict[bool, Any] = {}
    for arcs in (False, True):
        measured = coverage.Coverage(data_file=None, branch=arcs, config_file=False, include=[str(path)])
        measured.set_option("run:core", "ctrace" if _extension() else "pytrace")
        with measured.collect():
            exec(compile(PROGRAM, str(path), "exec"), {"__name__": "program"})
        data = measured.get_data()
        found[arcs] = sorted((data.arcs(str(path)) if arcs else data.lines(str(path))) or ())
    return found


@pytest.mark.parametrize("arcs", [False, True])
def test_the_tracer_in_python_sees_what_coverage_sees(
    seen_by_coverage: Mapping[bool, Any], arcs: bool
) -> None:
    assert _traced("", arcs=arcs) == seen_by_coverage[arcs]


@pytest.mark.skipif(not _extension(), reason="coverage.py has no compiled tracer for this Python")
@pytest.mark.parametrize("arcs", [False, True])
def test_the_compiled_tracer_is_used_and_read_as_coverage_reads_it(
    seen_by_coverage: Mapping[bool, Any], arcs: bool
) -> None:
    assert "Compiled" in type(tracers_of(_extension(), FILE.__eq__, arcs=arcs)).__name__
    assert _traced(_extension(), arcs=arcs) == seen_by_coverage[arcs]


def test_a_compiled_tracer_of_another_python_is_not_used(tmp_path: Any) -> None:
    (tmp_path / "tracer.so").write_bytes(b"no library")
    assert _traced(str(tmp_path / "tracer.so"), arcs=False) == _traced("", arcs=False)
