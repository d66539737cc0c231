"""State machine coverage in pytest: recorded in each process, combined by the xdist controller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.printable import one_line
from harness.pytest_plugin.options import FILES, LEAST, SHOW, covers
from harness.pytest_plugin.state import own_path, shown

if TYPE_CHECKING:
    from harness.coverage.record import Recorder
    from harness.observe.model import Observation

RECORDER = pytest.StashKey["Recorder"]()


def add_options(group: pytest.OptionGroup) -> None:
    """Add the options."""
    group.addoption(
        SHOW,
        action="store_true",
        help="show the parts of the state machines that no scenario or test reached, with scenario lines "
        "that would reach them",
    )
    group.addoption(
        FILES,
        action="append",
        default=[],
        metavar="FILE",
        help="also write the coverage to a file, as LCOV (.info, .lcov), Cobertura (.xml) or JSON (.json); "
        "may be repeated",
    )
    group.addoption(
        LEAST,
        type=float,
        default=None,
        metavar="N",
        help="fail if the coverage of the state machines is below N percent",
    )


def check(config: pytest.Config) -> None:
    """Reject invalid values before anything runs.

    Raises:
        UsageError: a file's suffix is not supported, or the minimum is not a percentage.
    """
    if config.getoption(FILES):
        with own_path():
            from harness.coverage.output import refused  # noqa: PLC0415  (when it is used)

        for problem in filter(None, map(refused, _files(config))):
            raise pytest.UsageError(f"{FILES}: {problem}")
    least = config.getoption(LEAST)
    if least is not None and not 0 <= least <= 100:
        raise pytest.UsageError(f"{LEAST} {least:g} is invalid; use a number from 0 to 100")


def record(config: pytest.Config, seen: Observation | None, path: Path) -> None:
    """Record the parts reached by a run."""
    if seen is not None and covers(config):
        recorder(config).add(seen, str(shown(path)))


def recorder(config: pytest.Config) -> Recorder:
    """This process's recorder."""
    if RECORDER not in config.stash:
        with own_path():
            from harness.coverage.record import Recorder  # noqa: PLC0415  (when it is used)

        config.stash[RECORDER] = Recorder()
    return config.stash[RECORDER]


def packed_coverage(config: pytest.Config) -> dict[str, Any] | None:
    """Return a worker's record in a format that xdist can send."""
    return config.stash[RECORDER].data() if RECORDER in config.stash else None


def unpack_coverage(config: pytest.Config, data: Mapping[str, Any] | None) -> None:
    """Merge a worker's record."""
    if data is not None:
        recorder(config).merge(data)


def judge(session: pytest.Session) -> None:
    """Fail the session if its coverage is below the required minimum. The summary contains the reason."""
    config = session.config
    if hasattr(config, "workerinput") or not covers(config) or session.exitstatus != pytest.ExitCode.OK:
        return
    with own_path():
        from harness.coverage.output import below  # noqa: PLC0415  (when it is used)

    if below(recorder(config).coverage(), config.getoption(LEAST)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def summarise_coverage(reporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write the files and show the table."""
    if not covers(config):
        return
    with own_path():
        from harness.coverage.output import Output, below  # noqa: PLC0415  (when it is used)

    coverage = recorder(config).coverage()
    output = Output(coverage, _files(config))
    problems = output.write()
    reporter.section("harness: coverage of state machines", sep="-")
    for text in [*output.lines(), *problems, *filter(None, [below(coverage, config.getoption(LEAST))])]:
        reporter.write_line(one_line(text))


def _files(config: pytest.Config) -> Sequence[Path]:
    return [Path(each) for each in config.getoption(FILES)]
