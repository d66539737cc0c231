"""A page for a fake engine, and a headless browser for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from werkzeug.test import Client, TestResponse

from harness.engine.base import Availability, Capability, Endpoint, Engine
from harness.engine.clients import Clients
from harness.engine.seen import SentMessage, StartedExecution
from harness.functions.shared.model import Invocation
from harness.observe.model import Execution
from harness.page.app import App
from harness.page.doors import Doors
from harness.page.look import Bucket, Items, Look, Machine, Objects, Seen
from harness.testing import START

HOST = "127.0.0.1:4000"
OWN = {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}


class NoEngine(Engine):
    """An engine that does nothing. `Made` provides its content for the page."""

    name = "made-up"
    summary = "for tests"
    capabilities = frozenset(Capability)

    def availability(self) -> Availability:
        return Availability(True, "")

    def start(self) -> Endpoint:
        return Endpoint("http://127.0.0.1:1")

    def stop(self) -> None:
        return

    def reset(self) -> Endpoint:
        return self.start()


@dataclass
class Made(Look):
    """The content of the page, as set by a test."""

    known_machines: tuple[Machine, ...] = ()
    known: tuple[Execution, ...] = ()
    definition: str = "{}"
    sent: tuple[SentMessage, ...] = ()
    ended: tuple[Invocation, ...] = ()
    known_items: dict[str, Items] = field(default_factory=dict)
    known_objects: dict[str, Objects] = field(default_factory=dict)
    contents: dict[tuple[str, str], bytes] = field(default_factory=dict)
    version: str = "1"
    started: list[tuple[str, str, str]] = field(default_factory=list)
    refusal: Exception | None = None

    def pulse(self) -> tuple[str, float | None]:
        return self.version, START.timestamp()

    def machines(self) -> tuple[Machine, ...]:
        return self.known_machines

    def executions(self) -> tuple[StartedExecution, ...]:
        return tuple(
            StartedExecution(each.arn, each.machine_arn, each.name, each.status, each.started_at.timestamp())
            for each in self.known
        )

    def execution(self, arn: str) -> Seen | None:
        return next((Seen(each, self.definition) for each in self.known if each.arn == arn), None)

    def messages(self) -> tuple[SentMessage, ...]:
        return self.sent

    def invocations(self) -> tuple[Invocation, ...]:
        return self.ended

    def tables(self) -> tuple[str, ...]:
        return tuple(self.known_items)

    def items(self, table: str) -> Items | None:
        return self.known_items.get(table)

    def buckets(self) -> tuple[Bucket, ...]:
        return tuple(Bucket(name, START) for name in self.known_objects)

    def objects(self, bucket: str, after: str = "") -> Objects | None:
        return self.known_objects.get(bucket)

    def content(self, bucket: str, key: str) -> bytes | None:
        return self.contents.get((bucket, key))

    def start(self, machine_arn: str, name: str, text: str) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.started.append((machine_arn, name, text))
        return "arn:started"


def made(**seen: Any) -> Made:
    """An engine with this content."""
    clients = Clients(Endpoint("http://127.0.0.1:1"), session=object())  # type: ignore[arg-type]
    return Made(NoEngine(), clients, **seen)


class Browser:
    """Requests a page like a browser that has the page's cookie, or will receive it."""

    def __init__(self, **seen: Any) -> None:
        self.look = made(**seen)
        self.doors = Doors()
        self.used = 0
        self.client = Client(App(self.doors, self.look, self._use))

    def _use(self) -> None:
        self.used += 1

    def get(self, path: str, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, base_url=f"http://{HOST}", headers={"Host": HOST, **named})

    def enter(self) -> TestResponse:
        return self.get(f"/?token={self.doors.token}")

    def shown(self, path: str = "") -> str:
        answer = self.get(self.doors.base + path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> TestResponse:
        given = OWN if headers is None else headers
        return self.client.post(
            self.doors.base + path, base_url=f"http://{HOST}", data=form, headers={"Host": HOST, **given}
        )


def inside(**seen: Any) -> Browser:
    """A browser that has the cookie."""
    browser = Browser(**seen)
    assert browser.enter().status_code == 200
    return browser


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """The elements on a page with their attributes."""
    parser = _Tags()
    parser.feed(html)
    return parser.tags


def words(html: str) -> str:
    """The text of a page."""
    parser = _Tags()
    parser.feed(html)
    return "".join(parser.words)
