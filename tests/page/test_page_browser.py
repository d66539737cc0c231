"""The page in a browser: accessible, with keyboard support, in light and dark mode, and offline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from a_page import Made, made

from harness.engine.seen import SentMessage
from harness.page.look import Items, Machine, Objects, StoredObject
from harness.page.server import Page
from harness.testing import START, a_history, an_execution, an_invocation

pytestmark = pytest.mark.browser
DEFINITION = json.dumps(
    {
        "StartAt": "Charge",
        "States": {
            "Charge": {
                "Type": "Task",
                "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:shop-charge",
                "Catch": [{"ErrorEquals": ["Declined"], "Next": "Tell"}],
                "Next": "Ship",
            },
            "Ship": {"Type": "Wait", "Seconds": 30, "End": True},
            "Tell": {"Type": "Pass", "End": True},
        },
    }
)
HISTORY = (
    a_history().enters("Charge").schedules("shop-charge", '{"order": 7}').fails("Broke", "no money", at_s=3)
)
RUN = replace(an_execution("FAILED", history=HISTORY), error="Broke", cause="no money")
VIEWS = (
    "",
    f"execution?arn={quote(RUN.arn)}",
    "start",
    "messages",
    "tables",
    "table?name=orders",
    "buckets",
    "bucket?name=attic",
    "object?bucket=attic&key=a%2Fb.txt",
    "logs",
    "nowhere",
)


def message(number: int) -> SentMessage:
    return SentMessage("arn:topic", f"Order {number}", '{"order": 7}', START.timestamp(), str(number))


def a_shop() -> Made:
    return made(
        known_machines=(Machine(RUN.machine_arn, "shop"),),
        known=(RUN,),
        definition=DEFINITION,
        sent=(message(1),),
        ended=(replace(an_invocation("shop-charge", payload='{"order": 7}'), log="hello\n"),),
        known_items={"orders": Items(("id",), tuple({"id": str(n), "total": n * 10} for n in range(50)))},
        known_objects={
            "attic": Objects(tuple(StoredObject(f"{n}/{'long' * 20}.txt", n, START) for n in range(50))),
            **{f"bucket-{n:03}": Objects(()) for n in range(50)},
        },
        contents={("attic", "a/b.txt"): b"some words\n" * 100},
    )


@pytest.fixture
def page() -> Iterator[Page]:
    served = Page(a_shop(), lambda _: None)
    served.start()
    yield served
    served.stop()


def opened(chromium: Any, page: Page, **options: Any) -> Any:
    tab = chromium.new_context(**options).new_page()
    tab.goto(page.link)
    tab.wait_for_selector("#main")
    return tab


def to(tab: Any, what: str, value: str) -> None:
    """Press Tab until this element is focused."""
    for _ in range(30):
        tab.keyboard.press("Tab")
        if tab.evaluate(f"document.activeElement.{what}") == value:
            return
    raise AssertionError(f"the keyboard does not come to {value}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_for_everybody_and_asks_nobody_else(
    chromium: Any, axe: Any, page: Page, scheme: str
) -> None:
    tab = opened(chromium, page, color_scheme=scheme, viewport={"width": 1280, "height": 800})
    base, asked, said = tab.url, [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda told: said.append(told.text))
    for view in VIEWS:
        tab.set_viewport_size({"width": 1280, "height": 800})
        tab.goto(base + view)
        found = axe.run(tab).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], view
        tab.set_viewport_size({"width": 390, "height": 844})
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert tab.evaluate(wide) <= 0, f"{view} is wider than a phone"
    assert {url.split("/")[2] for url in asked} == {base.split("/")[2]}
    assert [text for text in said if "404" not in text] == [], "nothing that the policy forbids"


def test_an_execution_is_started_with_the_keyboard(chromium: Any, page: Page) -> None:
    tab = opened(chromium, page)
    look = page.look
    assert isinstance(look, Made)
    look.start = lambda machine, name, text: look.started.append((machine, name, text)) or RUN.arn  # type: ignore[method-assign,func-returns-value]
    keys = tab.keyboard
    keys.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to content"
    to(tab, "textContent", "Start")
    keys.press("Enter")
    tab.wait_for_selector("#input")
    to(tab, "id", "input")
    keys.press("Control+A")
    keys.type('{"order": ')
    to(tab, "tagName", "BUTTON")
    keys.press("Enter")
    tab.wait_for_selector("#input-wrong")
    assert tab.evaluate("document.activeElement.id") == "input", "where the mistake is"
    keys.press("End")
    keys.type("7}")
    to(tab, "tagName", "BUTTON")
    keys.press("Enter")
    tab.wait_for_selector("svg.graph")
    assert look.started == [(RUN.machine_arn, "", '{"order": 7}')]
    assert "It started in state Charge" in tab.inner_text("main")


def test_a_view_follows_the_engine_and_keeps_what_is_open(chromium: Any, page: Page) -> None:
    tab = opened(chromium, page)
    tab.goto(f"{tab.url}messages")
    look = page.look
    assert isinstance(look, Made)
    tab.focus("summary")
    tab.keyboard.press("Enter")
    assert not tab.evaluate("document.querySelector('#message-1').open")
    look.sent, look.version = (message(1), message(2)), "2"
    tab.wait_for_selector("#message-2")
    assert tab.evaluate("document.querySelector('#message-2').open")
    assert not tab.evaluate("document.querySelector('#message-1').open")
    assert tab.evaluate("document.activeElement.parentElement.id") == "message-1"
    page.stop()
    assert "no longer responds" in tab.wait_for_selector("#lost:not(:empty)").inner_text()


def test_the_link_opens_the_page_from_another_page_and_once(chromium: Any, page: Page) -> None:
    """A strict cookie is not sent when a different page links here, so the first response redirects to
    itself.
    """
    link = page.link
    tab = chromium.new_context().new_page()
    tab.set_content(f'<a href="{link}">open</a>')
    tab.click("a")
    tab.wait_for_selector("#main")
    again = chromium.new_context().new_page()
    assert again.goto(link).status == 403
    assert again.goto(tab.url).status == 403
