"""The engine that `harness replay` uses to rebuild the worlds of histories."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.engine import engine_of
from harness.engine.moto.engine import MotoEngine
from harness.expect.project import load_scenarios
from harness.histories import HistoryError, RecordedExecution
from harness.printable import one_line, say
from harness.projects import Projects
from harness.rebuilt.judging import RebuiltJudge
from harness.rebuilt.world import Seed, seed_of
from harness.replay_settings import IgnoredValue
from harness.session import Session


@contextmanager
def rebuilt_judge(
    arguments: argparse.Namespace,
    projects: Projects,
    executions: Sequence[RecordedExecution | HistoryError],
    ignored: tuple[IgnoredValue, ...] = (),
) -> Iterator[RebuiltJudge]:
    """Yield a judge. Its engine starts in the background and stops at the end of the block.

    Raises:
        EngineError, ScenarioError, SettingsError: the engine or the seed cannot be used.
    """
    seed = _seed(arguments.seed, projects)
    settings = projects.engine(each.file for each in executions)
    with (
        tempfile.TemporaryDirectory(prefix="harness-replay-") as folder,
        Session(engine_of(replace(settings, engine=MotoEngine.name))) as session,
    ):
        yield RebuiltJudge(
            projects.of,
            arguments.definition,
            arguments.machine,
            ignored,
            session=session,
            folder=Path(folder),
            seed=seed,
        )


def _seed(file: Path | None, projects: Projects) -> Seed | None:
    if file is None:
        return None
    (scenario,) = load_scenarios([file], projects.of)
    seed = seed_of(scenario)
    for name in seed.left:
        told = f"note: {file}: its {name} are ignored, because the histories contain them"
        say(one_line(told), file=sys.stderr)
    return seed
