"""What a function runtime in an emulator is asked beside the AWS API, as JSON over HTTP under /_harness/.

GET  /_harness/about                     {"emulator": "LocalStack", "version": "4.14.0"}
POST /_harness/objects?account=ID        {"bucket": name, "objects": [[key, size in bytes], ...]}
GET  /_harness/invocations?account=ID    [{...Invocation}, ...]
POST /_harness/faults?account=ID         [{...Fault}, ...]; counting begins anew
GET  /_harness/fired?account=ID          {fault's id: how often it fired}
POST /_harness/forget?account=ID         stop the account's functions, and forget its faults and invocations

Objects of a declared size are the emulator's affair, which says how to make them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from .ledger import Ledger
from .model import Fault

PREFIX = "/_harness/"
Answer = Callable[[str, bytes], Any]
"""Account and body -> something that JSON has a form for."""


class Control:
    """Answers one request: method and name, query, body -> something that JSON has a form for."""

    def __init__(self, ledger: Ledger, about: Mapping[str, str], declare: Answer):
        self._ledger = ledger
        self._about = about
        self._answers: dict[tuple[str, str], Answer] = {
            ("GET", "about"): lambda _account, _body: self._about,
            ("GET", "invocations"): self._invocations,
            ("POST", "objects"): declare,
            ("POST", "faults"): self._faults,
            ("GET", "fired"): lambda account, _body: self._ledger.faults.fired(account),
            ("POST", "forget"): lambda account, _body: self._ledger.forget(account),
        }

    def answer(self, method: str, name: str, query: Mapping[str, str], body: bytes) -> str:
        """The answer as JSON text. Raises KeyError when there is no such request."""
        return json.dumps(self._answers[method, name](query.get("account", ""), body))

    def _invocations(self, account: str, _: bytes) -> list[dict[str, Any]]:
        return [asdict(invocation) for invocation in self._ledger.invocations(account)]

    def _faults(self, account: str, body: bytes) -> None:
        self._ledger.set_faults(account, [Fault(**fault) for fault in json.loads(body)])
