"""The embedded engine's child process, with errors triggered by special messages or names."""

from __future__ import annotations

import sys

from harness.engine.moto.engine import MotoEngine

# Triggers: `raise`, `unknown` or `die` as an SNS message; `simulation` breaks the scheduler; `broken` as a
# queue name; `raise-now` anywhere in a request to any service.
SOURCE = """
import io, os
from harness.engine.moto import server
from harness.stepfunctions.task_time import TaskDurations
from moto.sns.models import SNSBackend
from moto.sqs.models import SQSBackend

create_queue = SQSBackend.create_queue
publish, of, dispatch = SNSBackend.publish, TaskDurations.of, server.SlowServices.__call__
tries = 0

def broken_publish(self, message, *args, **kwargs):
    if message == "raise":
        {}["no such thing"]
    if message == "unknown":
        raise NotImplementedError("Publish is not there")
    if message == "die":
        os.kill(os.getpid(), 9)
    return publish(self, message, *args, **kwargs)

def broken_of(self, parameters, *args, **kwargs):
    if parameters.get("Message") == "simulation":
        raise ZeroDivisionError("in the scheduler")
    return of(self, parameters, *args, **kwargs)

def broken_dispatch(self, environ, start_response):
    global tries
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    if b"raise-now" in body or "raise-now" in environ["PATH_INFO"]:
        tries += 1
        raise RuntimeError(f"asked for, try {tries}")
    return dispatch(self, environ, start_response)

def broken_queue(self, name, *args, **kwargs):
    if name == "broken":
        {}["no such thing"]
    return create_queue(self, name, *args, **kwargs)

SNSBackend.publish, TaskDurations.of = broken_publish, broken_of
SQSBackend.create_queue = broken_queue
server.SlowServices.__call__ = broken_dispatch
server.main("123456789012", "us-east-1")
"""


def broken_engine() -> MotoEngine:
    """An engine with that child process, not yet started."""
    return MotoEngine([sys.executable, "-c", SOURCE])
