"""A small project in its own repository, and findings with test-only rules."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

from minimal_project import project, scenario

from harness.acceptance import Acceptance
from harness.gate.budget import Budget
from harness.gate.finding import Finding, Rule
from harness.gate.judged import Judge, Judged
from harness.gate.part import Context
from harness.gate_settings import GateSettings
from harness.settings import Settings

ERROR = Rule("test-error", "Something is wrong.", "0.1")
WARNING = Rule("test-warning", "Something is odd.", "0.1", "warning")
DEFAULTS = GateSettings()
NOTE = Rule("test-note", "Something is to be known.", "0.1", "note")


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout


def commit(folder: Path) -> None:
    if not (folder / ".git").exists():
        git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "--allow-empty", "-m", "a change")


def repository(folder: Path, **scenarios: str) -> Path:
    """A project with two commits. Its default scenario succeeds."""
    project(folder, **(scenarios or {"first": scenario()}))
    commit(folder)
    commit(folder)
    return folder


def finding(rule: Rule = ERROR, subject: str = "Table", **more: object) -> Finding:
    return Finding(rule, subject, f"{subject} is wrong", "mend it", **more)  # type: ignore[arg-type]


def judged(
    rule: Rule = ERROR, subject: str = "Table", accepted: Acceptance | None = None, **more: object
) -> Judged:
    return Judged(finding(rule, subject, **more), rule.level, "test", accepted)


class Clock:
    """A clock that advances only on request."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def context(
    folder: Path,
    settings: GateSettings = DEFAULTS,
    accepted: tuple[Acceptance, ...] = (),
    budget: Budget | None = None,
    day: date = date(2026, 11, 27),
) -> Context:
    of_project = Settings(folder, accept=accepted, gate=settings)
    return Context(
        of_project,
        lambda _: of_project,
        Judge(settings, accepted),
        budget or Budget(None),
        lambda _: iter(()),
        today=lambda: day,
    )
