"""Random threaded programs have the same history in every run and with each start method."""

from __future__ import annotations

import json

import pytest
from thread_programs import program

FAST, ALL = 8, 100
RUNS = 5


@pytest.mark.parametrize(
    "seed", [*range(FAST), *(pytest.param(n, marks=pytest.mark.thorough) for n in range(FAST, ALL))]
)
def test_a_program_of_threads_has_one_history(runtime, make_function, service, seed):
    config = make_function(program(seed), endpoint_url=service.url, timeout_s=900)
    histories = []
    for _ in range(RUNS):
        invocation = service.invoke(runtime, config, b"{}", request_id="id")
        assert invocation.error is None, invocation.log
        assert "side by side" not in invocation.log
        calls = [(call.operation, call.at_s) for call in invocation.calls]
        histories.append((json.loads(invocation.result), invocation.duration_s, calls))
    assert all(history == histories[0] for history in histories)
    assert len(histories[0][0]) > 1
