"""The client for control requests, and the emulators' server for them, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from harness.engine.base import EngineError
from harness.engine.control_client import ControlClient, Refused, Unanswered
from harness.engine.ministack.server import serve_control
from harness.functions.host.accounts import AccountRuntime
from harness.functions.host.control_server import ControlServer, account_routes, seconds_of
from harness.functions.shared.model import Fault

DECLARED: list[tuple[str, object]] = []


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    accounts = AccountRuntime()
    routes = account_routes(
        accounts, {"emulator": "none"}, lambda account, body: DECLARED.append((account, json.loads(body)))
    )
    yield serve_control(ControlServer(routes))
    accounts.close()


def failed(error: EngineError) -> EngineError:
    return EngineError(f"the engine said: {type(error).__name__}: {error}")


def test_every_account_has_faults_of_its_own(url: str) -> None:
    one, other = ControlClient(url, failed, "111"), ControlClient(url, failed, "222")
    one.set_faults([Fault("twice", "function", id=3), Fault("cut", "call", arguments={"cut": "after"}, id=4)])
    assert (one.fired(), other.fired()) == ({3: 0, 4: 0}, {})
    one.forget()
    assert (one.fired(), one.invocations()) == ({}, ())


def test_objects_are_declared_for_the_account(url: str) -> None:
    ControlClient(url, failed, "111").declare("photos", [("a b.jpg", 5)])
    assert DECLARED == [("111", {"bucket": "photos", "objects": [["a b.jpg", 5]]})]


def test_an_unknown_request_is_explained_by_the_engine(url: str) -> None:
    with pytest.raises(EngineError, match=r"said: Refused: .* 404: unknown request GET .*/durations"):
        ControlClient(url, failed, "111").counts("durations")
    with pytest.raises(EngineError) as caught:
        ControlClient(url, failed).ask("PUT", "about", where="a&b=c")
    assert isinstance(caught.value.__cause__, Refused)


@pytest.mark.parametrize("body", [b"[", b"5", [{"nope": 1}], [5]])
def test_a_malformed_body_is_refused_in_words(url: str, body: object) -> None:
    with pytest.raises(EngineError, match=r"said: Refused: .* 400: malformed request POST /_harness/faults"):
        ControlClient(url, failed, "111").ask("POST", "faults", body)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "soon", ""])
def test_a_time_is_a_finite_number(text: str) -> None:
    with pytest.raises(ValueError):
        seconds_of(text)


def test_nobody_there_is_explained_by_the_engine(unused_url: str) -> None:
    with pytest.raises(EngineError, match="the engine said: Unanswered: ") as caught:
        ControlClient(unused_url, failed).fired()
    assert isinstance(caught.value.__cause__, Unanswered)
