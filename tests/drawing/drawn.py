"""Executions to draw, and a parser for the drawings."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

from harness.drawing.page import document
from harness.json_types import JsonObject
from harness.observe.model import Execution
from harness.testing import a_history, an_execution

TASK: JsonObject = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"}
ORDER: JsonObject = {
    "StartAt": "Load",
    "States": {
        "Load": {**TASK, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Tell"}], "Next": "Big"},
        "Big": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 5, "Next": "Each"}],
            "Default": "Done",
        },
        "Each": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "One", "States": {"One": {**TASK, "End": True}}},
            "Next": "Done",
        },
        "Tell": {"Type": "Fail"},
        "Done": {"Type": "Succeed"},
    },
}
"""A definition with a Choice, a Catch and a Map."""
PAYLOAD = "</script></style><img src=x onerror=alert(1)>\"'&\u202e\x00\x1b"
"""A string that a page must escape."""


def retried() -> Execution:
    """Load is retried; Big leads to Done. An hour passes between the attempts."""
    history = (
        a_history()
        .event("ExecutionStarted", at_s=0)
        .enters("Load", at_s=0)
        .calls("sqs:sendMessage", at_s=0)
        .fails("Busy", "later", at_s=1)
        .calls("sqs:sendMessage", at_s=3601)
        .succeeds(at_s=3602)
        .exits("Load", at_s=3602)
        .enters("Big", "Choice", at_s=3602)
        .exits("Big", "Choice", at_s=3602)
        .enters("Done", "Succeed", at_s=3602)
        .exits("Done", "Succeed", at_s=3602)
    )
    return an_execution(history=history, took_s=3602)


def many(number: int, *broken: int) -> Execution:
    """A Map with N iterations, some of which fail."""
    history = a_history().event("ExecutionStarted").enters("Each", "Map").event("MapStateStarted")
    for index in range(number):
        history.event("MapIterationStarted", after=3, name="Each", index=index)
        history.enters("One", input=f'{{"n": {index}}}').calls("sqs:sendMessage")
        if index in broken:
            history.fails("Broken", "it is")
            history.event("MapIterationFailed", name="Each", index=index)
        else:
            history.succeeds().exits("One").event("MapIterationSucceeded", name="Each", index=index)
    history.event("MapStateFailed" if broken else "MapStateSucceeded")
    return an_execution("FAILED" if broken else "SUCCEEDED", history=history)


class Read(HTMLParser):
    """The elements, strings, IDs and links of a page. `active` lists everything that could load or run
    something.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.active: list[str] = []
        self.texts: list[str] = []
        self.classes: Counter[str] = Counter()
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._seen(tag, attrs)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._seen(tag, attrs)
        if tag not in ("meta", "link", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.texts.append(data)

    def _seen(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            given = value or ""
            if name == "id":
                self.ids.append(given)
            elif name == "href" and given.startswith("#"):
                self.links.append(given[1:])
            elif name == "class":
                self.classes.update(given.split())
            elif name.startswith("on") or name in ("src", "style", "action", "srcdoc") or name == "href":
                self.active.append(f"{tag} {name}={given}")
        if tag in ("script", "iframe", "object", "embed", "form", "img", "base"):
            self.active.append(tag)

    @property
    def text(self) -> str:
        """All strings, joined."""
        return "".join(self.texts)


def read(*body: str) -> Read:
    """Parse page fragments."""
    found = Read(str(document("title", *body)))
    assert found.active == ["link href=data:,"]
    assert len(set(found.ids)) == len(found.ids)
    assert set(found.links) <= set(found.ids), set(found.links) - set(found.ids)
    return found
