"""An engine without a virtual clock is refused by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sweep_samples import SCENARIO

from harness.engine.base import EngineError
from harness.settings import Settings
from harness.sweep.updates.model import Side, Sides
from harness.sweep.updates.play import UpdatePlayer


class Elsewhere:
    """A session on an engine that cannot hold executions."""

    class engine:  # noqa: N801
        name = "ministack"
        capabilities: frozenset[Any] = frozenset()

    def start(self) -> None:
        return


def test_another_engine_is_refused_with_the_remedy() -> None:
    side = Side("main", SCENARIO, Settings(Path()))
    session: Any = Elsewhere()
    with pytest.raises(EngineError, match=r"ministack cannot .*--engine moto"):
        UpdatePlayer(session, Sides("main", Path("x.yaml"), side, side))
