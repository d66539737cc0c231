"""The views show the engine's content, and untrusted input is shown as text."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from a_page import inside, tags, words
from botocore.exceptions import ClientError

from harness.engine.seen import SentMessage
from harness.page.look import Items, Machine, Objects, StoredObject
from harness.quotas import STATES_PAYLOAD_BYTES
from harness.testing import START, a_history, an_execution, an_invocation

EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'&amp;\u202e\x1b[31m</textarea></pre>"
VIEWS = ("", "start", "messages", "tables", "buckets", "logs")
MACHINE = Machine("arn:machine", "machine")


def everything(text):
    """An engine in which every name and string is this one."""
    history = a_history().enters(text).schedules(text, json.dumps({text: text})).fails(text, text)
    run = an_execution("FAILED", history=history)
    run = replace(run, name=text, machine_name=text, input=json.dumps({text: text}), error=text, cause=text)
    stored = Objects((StoredObject(text, 5, START),))
    return {
        "known_machines": (Machine(f"arn:{text}", text),),
        "known": (run,),
        "sent": (SentMessage(f"arn:{text}", text, text, START.timestamp(), text),),
        "ended": (replace(an_invocation(text, payload=text), log=text, state=text, execution_arn=run.arn),),
        "known_items": {text: Items((text,), ({text: text},))},
        "known_objects": {text: stored},
        "contents": {(text, text): text.encode()},
        "notices": [text],
    }


def paths(seen):
    (run,) = seen["known"]
    (name,) = seen["known_items"]
    return [
        *VIEWS,
        f"execution?arn={quote(run.arn)}",
        f"table?name={quote(name)}",
        f"bucket?name={quote(name)}",
        f"object?bucket={quote(name)}&key={quote(name)}",
        f"start?input={quote(name)}&machine={quote(name)}",
    ]


def test_whatever_is_in_a_name_is_text():
    seen = everything(EVIL)
    browser = inside(**seen)
    for path in paths(seen):
        html = browser.shown(path)
        found = tags(html)
        assert [each for tag, each in found if tag == "script"] == [{"src": "/page.js", "defer": None}], path
        assert not [tag for tag, _ in found if tag in ("img", "iframe", "object", "style", "base")], path
        assert not [name for _, each in found for name in each if name.startswith("on") or name == "style"]
        assert "alert(1)" in words(html), path
        assert "\u202e" not in html, "it would turn the text round"
        assert "\x1b" not in html
    refused = browser.post("start", {"machine": EVIL, "input": EVIL, "name": EVIL})
    assert refused.status_code == 422
    assert len([tag for tag, _ in tags(refused.text) if tag == "script"]) == 1


def test_links_lead_nowhere_else():
    seen = everything("javascript:alert(1)//http://evil.example")
    browser = inside(**seen)
    for path in paths(seen):
        for tag, each in tags(browser.shown(path)):
            for name in ("href", "src", "action"):
                where = each.get(name) or ""
                assert ":" not in where.partition("?")[0], (path, tag, where)
                assert not where.startswith("//")


def test_an_empty_engine_says_so():
    browser = inside()
    said = [words(browser.shown(path)) for path in VIEWS]
    assert "None yet. Start one." in said[0]
    assert "No state machines yet." in said[1]
    for text in said[2:]:
        assert "yet" in text


def test_what_is_not_there_is_404_and_a_bug_is_told():
    browser = inside()
    for path in ("execution?arn=x", "table?name=x", "bucket?name=x", "object?bucket=x", "nowhere"):
        assert browser.get(browser.doors.base + path).status_code == 404
    browser.look.tables = lambda: 1 // 0  # type: ignore[method-assign,return-value]
    answer = browser.get(f"{browser.doors.base}tables")
    assert answer.status_code == 500
    assert "ZeroDivisionError" in answer.text


def test_a_browser_that_has_the_newest_gets_nothing():
    browser = inside()
    first = browser.get(browser.doors.base)
    version = first.headers["X-Version"]
    assert browser.get(browser.doors.base, X_Seen=version).status_code == 204
    browser.look.version = "2"
    newer = browser.get(browser.doors.base, X_Seen=version)
    assert newer.status_code == 200
    assert newer.headers["X-Version"] != version
    assert float(newer.headers["X-Clock"]) == START.timestamp()


def test_a_long_text_is_cut_and_its_length_said():
    sent = SentMessage("topic", "", "x" * 70_000, START.timestamp(), "1")
    html = inside(sent=(sent,)).shown("messages")
    assert "x" * 65_537 not in html
    assert "70,000 characters" in html


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": }', "Expecting value at line 1, column 7"),
        ("{\n", "at line 2, column 1"),
        ("", "Enter {} for an empty one"),
        ('{"a": NaN}', "NaN is not a valid JSON number"),
        ("[" * 100_000, "Invalid JSON"),
        (json.dumps("x" * STATES_PAYLOAD_BYTES), "the maximum is 262,144"),
    ],
)
def test_what_is_wrong_with_an_input_is_told_beside_it(text, said):
    browser = inside(known_machines=(MACHINE,))
    answer = browser.post("start", {"machine": "arn:machine", "input": text, "name": "mine"})
    assert answer.status_code == 422
    assert browser.look.started == []
    found = {each["id"]: each for _, each in tags(answer.text) if "id" in each}
    assert found["input"]["aria-invalid"] == "true"
    assert found["input"]["aria-describedby"] == "input-wrong"
    assert "aria-invalid" not in found["name"]
    assert found["name"]["value"] == "mine", "nothing has to be written again"
    assert said in words(answer.text)


@pytest.mark.parametrize(
    ("code", "place"),
    [("InvalidName", "name"), ("InvalidExecutionInput", "input"), ("ThrottlingException", "")],
)
def test_what_the_engine_refuses_is_told_beside_the_field(code, place):
    refused = ClientError({"Error": {"Code": code, "Message": "Invalid Name: 'é'"}}, "StartExecution")
    browser = inside(known_machines=(MACHINE,), refusal=refused)
    answer = browser.post("start", {"machine": "arn:machine", "input": "{}", "name": "é"})
    assert answer.status_code == 422
    assert f"{code}: Invalid Name: 'é'" in words(answer.text)
    wrong = [each["id"] for _, each in tags(answer.text) if "aria-invalid" in each]
    assert wrong == ([place] if place else [])


def test_what_was_started_is_shown_next():
    browser = inside(known_machines=(MACHINE,))
    answer = browser.post("start", {"machine": "arn:machine", "input": '{\r\n"a": 1}', "name": " b "})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("execution?arn=arn%3Astarted")
    assert browser.look.started == [("arn:machine", "b", '{\n"a": 1}')]


def test_a_failure_comes_before_the_rest_and_the_function_beside():
    history = a_history().enters("Charge").schedules("shop-charge", '{"order": 7}').fails("Oops", "no money")
    run = an_execution("FAILED", history=history)
    ended = replace(an_invocation("shop-charge"), execution_arn=run.arn, log="START\nhello\n")
    other = replace(an_invocation("elsewhere"), execution_arn="arn:other")
    text = words(
        inside(known=(replace(run, error="Oops", cause="no money"),), ended=(ended, other)).shown(
            f"execution?arn={quote(run.arn)}"
        )
    )
    assert text.index("Oops") < text.index("Input") < text.index("TaskStateEntered")
    assert "shop-charge" in text
    assert "elsewhere" not in text
