"""A function's threads in virtual time: frozen between invocations; real-time parts are reported."""

from __future__ import annotations

import json

import pytest
from virtual_service import NOW

FROZEN = """
import threading, time
counted = 0
def count():
    global counted
    while True:
        counted += 1
        if counted % 1000 == 0: time.sleep(0)
def handler(event, context):
    if event: threading.Thread(target=count, daemon=True).start()
    return counted
"""


def test_a_thread_that_computes_is_frozen_after_the_answer(runtime, make_function, service):
    config = make_function(FROZEN)
    seen = [json.loads(service.invoke(runtime, config, event).result) for event in (b"1", b"0", b"0")]
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.thorough
def test_a_thread_that_waits_in_a_loop_does_not_hang(runtime, make_function, service):
    config = make_function(
        """
        import threading, time
        def handler(event, context):
            flag = []
            threading.Thread(target=lambda: (time.sleep(1), flag.append(1))).start()
            while not flag: pass
            return time.time()
        """,
        timeout_s=300,
    )
    invocation = service.invoke(runtime, config, b"{}")
    assert json.loads(invocation.result) == NOW + 1
    assert "they now run in parallel" in invocation.log


@pytest.mark.thorough
def test_an_alarm_ends_a_loop_beside_which_others_run(runtime, make_function, service):
    config = make_function(
        """
        import signal, threading, time
        def ring(number, frame): raise KeyError(time.time())
        def handler(event, context):
            sleeper = threading.Thread(target=time.sleep, args=(10,))
            sleeper.start()
            signal.signal(signal.SIGALRM, ring)
            signal.alarm(3)
            try:
                for _ in iter(int, 1): time.monotonic()
            except KeyError as error:
                rung_at = error.args[0]
            sleeper.join()
            return [rung_at, time.time()]
        """,
        timeout_s=300,
    )
    invocation = service.invoke(runtime, config, b"{}")
    assert invocation.error is None, invocation.log
    assert json.loads(invocation.result) == [NOW + 3, NOW + 10]


def test_what_is_real_is_said_once(runtime, make_function, service):
    config = make_function(
        """
        import time
        def handler(event, context):
            for _ in range(3): time.process_time(); time.thread_time()
        """
    )
    log = service.invoke(runtime, config, b"{}").log
    assert log.count("[harness] ") == 2
    assert log.count("time.process_time() is real processor time") == 1


def test_a_forked_process_runs_and_is_waited_for(runtime, make_function, service):
    config = make_function(
        """
        import multiprocessing, os, threading, time
        def child(end):
            thread = threading.Thread(target=lambda: end.send(time.time()))
            thread.start(); thread.join()
            time.sleep(0.05)
            end.send(round(time.time(), 3))
        def handler(event, context):
            fork = multiprocessing.get_context("fork")
            ours, theirs = fork.Pipe()
            process = fork.Process(target=child, args=(theirs,))
            process.start()
            seen = [ours.recv(), ours.recv()]
            process.join()
            return [*seen, process.exitcode, time.time()]
        """
    )
    invocation = service.invoke(runtime, config, b"{}")
    assert invocation.error is None, invocation.log
    assert json.loads(invocation.result) == [NOW, NOW + 0.05, 0, NOW]
    assert "in a process forked by the function takes real time" in invocation.log


def test_an_exception_ends_a_thread_and_not_the_others(runtime, make_function, service):
    config = make_function(
        """
        import _thread, threading, time
        def fail(): raise ValueError("broken")
        def handler(event, context):
            _thread.start_new_thread(fail, ())
            threading.Thread(target=fail).start()
            time.sleep(1)
            return threading.active_count()
        """
    )
    invocation = service.invoke(runtime, config, b"{}")
    assert json.loads(invocation.result) == 1
    assert invocation.log.count("ValueError: broken") == 2
