"""The hosts in a scenario, which answer HTTP Tasks and functions in this process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final

from harness.engine.moto.stepfunctions import StateMachines
from harness.functions.host.host_book import Asker, HostBook
from harness.functions.host.host_server import Exchange, HostServer
from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.hosts import TEXT_TYPE, HostAnswered, HostAsked, HostEntry, HttpRequest
from harness.json_types import JsonObject
from harness.stepfunctions.http_task import HttpTasks

_UNKNOWN: Final[HostAnswered] = {"known": False, "after_s": 0.0, "error": ""}


class Hosts:
    """The hosts in this process. Function environments send the requests for `answer` to `url`."""

    def __init__(self, runtime: FunctionRuntime, machines: StateMachines, url: str) -> None:
        self._runtime = runtime
        self._machines = machines
        self._url = url
        self._server: HostServer | None = None
        self.book = HostBook()

    def set(self, entries: Sequence[HostEntry]) -> None:
        """Answer requests with these entries only, until `clear` is called."""
        from harness.engine.moto.resources.connections import find  # noqa: PLC0415  (start-up)

        self.book = HostBook(entries)
        self._machines.tasks.http = HttpTasks(self.book, find)
        if self._server is None:
            self._server = HostServer(self._answer_really)
        names = list(self.book.names)
        self._runtime.hosts = {
            "names": names,
            "refusing": [name for name in names if self.book.may_refuse(name)],
            "port": self._server.port,
            "token": self._server.token,
            "ca": self._server.authority.certificate,
            "url": self._url,
        }

    def clear(self) -> None:
        """Stop answering requests."""
        self.book = HostBook()
        self._runtime.hosts = None
        if self._server is not None:
            self._server.forget()

    def seen(self) -> list[JsonObject]:
        """Return the requests so far."""
        return [asdict(each) for each in self.book.seen()]

    def answer(self, asked: HostAsked) -> HostAnswered:
        """Return the outcome of an environment's connection, once the clock has reached the time of its
        invocation.
        """
        if asked["connect"]:
            self._machines.admit(asked["request_id"], asked["after"])
            refused = self.book.refuses(asked["connect"], self._asker(asked["request_id"]))
            if refused is None:
                return _UNKNOWN
            return {"known": True, "after_s": refused.after_s or 0.0, "error": refused.error}
        assert self._server is not None
        exchange = self._server.exchange(asked["connection"])
        if asked["wait"]:
            exchange.arrived.wait()
        elif not exchange.arrived.is_set():
            return _UNKNOWN
        if asked["release"] and exchange.chosen is not None:
            exchange.settle(exchange.chosen)
            return {"known": True, "after_s": 0.0, "error": ""}
        self._machines.admit(asked["request_id"], asked["after"])
        chosen = self._chosen(exchange)
        # no request arrives: the client has disconnected, or does not trust the certificate
        if chosen is None:
            return {"known": True, "after_s": 0.0, "error": ""}
        if chosen.error == "timeout":
            return {"known": True, "after_s": None, "error": ""}
        if not chosen.after_s:
            exchange.settle(chosen)
        return {"known": True, "after_s": chosen.after_s or 0.0, "error": ""}

    def _answer_really(self, exchange: Exchange) -> None:
        """Answer a request from an invocation in real time."""
        chosen = self._chosen(exchange)
        if chosen is not None:
            time.sleep(chosen.after_s or 0.0)
            exchange.settle(chosen)

    def _chosen(self, exchange: Exchange) -> HostEntry | None:
        if exchange.chosen is None and exchange.request is not None:
            asker = self._asker(exchange.request_id)
            entry = self.book.choose(exchange.request, asker)
            self.book.record(exchange.request, asker, entry, self._now_s(exchange.request_id))
            exchange.chosen = entry or _unanswered(exchange.request)
        return exchange.chosen

    def _asker(self, request_id: str) -> Asker:
        asker = self._runtime.askers.get(request_id, Asker())
        execution_arn = asker.execution_arn or self._machines.execution_of(request_id)
        return replace(asker, execution_arn=execution_arn)

    def _now_s(self, request_id: str) -> float:
        time_of = self._machines.time_of(request_id)
        return self._machines.simulation.clock.now() if time_of is None else time_of()


def _unanswered(request: HttpRequest) -> HostEntry:
    said = f"no entry in hosts answers {request.method} {request.host}{request.path}\n"
    return HostEntry(-1, request.host, status=501, headers=(("Content-Type", TEXT_TYPE),), body=said)
