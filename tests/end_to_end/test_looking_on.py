"""Watching the page continuously changes no history, verdict or ID, and is not recorded as a call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from minimal_project import PYPROJECT, write
from werkzeug.test import Client

from harness.beginning.example import FILES
from harness.engine.moto.engine import MotoEngine
from harness.expect.project import load_scenarios
from harness.page.app import App
from harness.page.doors import Doors
from harness.page.look import Look
from harness.page.views import VIEWS
from harness.projects import Projects
from harness.session import Session
from harness.stack.model import Stack

SCENARIO = """\
title: a
seed: {buckets: {attic: {objects: [{key: a.txt, body: words}]}}}
run: {input: {name: Ada}}
expect:
  execution: {status: SUCCEEDED}
  messages: [{topic: Greetings, body: "Hello, Ada!"}]
"""
TEMPLATE = (
    FILES["template.yaml"]
    .replace("Next: Send", "Next: Rest")
    .replace("          Send:", "          Rest: {Type: Wait, Seconds: 3600, Next: Send}\n          Send:")
)
DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
ROLE = "arn:aws:iam::123456789012:role/states"
HOST = "127.0.0.1:4000"


class Looker:
    """Loads all views again and again."""

    def __init__(self, look: Look) -> None:
        self.doors, self.look = Doors(), look
        self.client = Client(App(self.doors, look, lambda: None))
        self._get(f"/?token={self.doors.token}")
        self.seen: dict[str, str] = {}
        self._over = threading.Event()
        self.bug: Exception | None = None

    def _get(self, path: str) -> str:
        answer = self.client.get(path, base_url=f"http://{HOST}", headers={"Host": HOST})
        assert answer.status_code == 200, answer.text
        return answer.text

    def around(self) -> None:
        runs = [f"execution?arn={quote(each.arn)}" for each in self.look.executions()]
        views = [view for view in VIEWS if view not in ("execution", "table", "bucket", "object")]
        for path in (*views, *runs, "bucket?name=attic", "object?bucket=attic&key=a.txt"):
            self.seen[path] = self._get(self.doors.base + path)

    def work(self) -> None:
        try:
            while not self._over.is_set():
                self.around()
        except Exception as error:
            self.bug = error

    @contextmanager
    def during(self, stack: Stack) -> Iterator[Callable[[], Stack]]:
        thread = threading.Thread(target=self.work)
        thread.start()
        try:
            yield lambda: stack
        finally:
            self._over.set()
            thread.join()
        self.around()


def test_who_looks_changes_nothing(tmp_path: Path) -> None:
    files = {**FILES, "template.yaml": TEMPLATE, "pyproject.toml": PYPROJECT, "a.yaml": SCENARIO}
    path = write(tmp_path, files) / "a.yaml"
    projects = Projects({})
    (scenario,) = load_scenarios([path], projects.of)
    with Session(MotoEngine()) as session:
        alone = session.run(scenario, projects.of(path))
        looker = Looker(Look(session.engine, session.clients))
        watched = session.run(scenario, projects.of(path), looker.during)
        counted = session.engine.pulse()
        looker.around()
        assert session.engine.pulse() == counted, "none of it was a call"
        (seen,) = (looker.look.execution(each.arn) for each in looker.look.executions())
        assert not seen.made, "a template declares it"
        states = session.clients.stepfunctions
        machine = states.create_state_machine(name="mine", definition=DEFINITION, roleArn=ROLE)
        begun = states.start_execution(stateMachineArn=machine["stateMachineArn"])
        assert looker.look.execution(begun["executionArn"]).made
    assert looker.bug is None
    assert (alone.outcome, alone.reason) == ("passed", "")
    assert watched.outcome == "passed"
    assert watched.observation == alone.observation
    (run,) = (text for view, text in looker.seen.items() if view.startswith("execution?"))
    assert "succeeded" in run
    assert "Rest" in run
    assert "Hello, Ada!" in looker.seen["messages"]
    assert "greeting Ada" in looker.seen["logs"]
    assert "attic" in looker.seen["buckets"]
    assert "words" in looker.seen["object?bucket=attic&key=a.txt"]
