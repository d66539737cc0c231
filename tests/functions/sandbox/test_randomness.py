"""Random values in a function depend only on its invocation and the world."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from harness.functions.host.runtime import FunctionRuntime

ID = "6dbb1b0c-2a8e-4b5e-8d4e-6f6d3a8f0c11"
OTHER = "0b0f5a5e-4b0e-4a3f-9b8e-0d2f0a7c9e22"

SOURCES = {
    "uuid4": "uuid.uuid4().hex",
    "uuid1": "uuid.uuid1().hex",
    "getnode": "uuid.getnode()",
    "urandom": "os.urandom(8).hex()",
    "urandom held": "held_urandom(8).hex()",
    "getrandom": "os.getrandom(8).hex()",
    "RAND_bytes": "ssl.RAND_bytes(8).hex()",
    "token_hex": "secrets.token_hex(8)",
    "token_urlsafe": "secrets.token_urlsafe(8)",
    "randbelow": "secrets.randbelow(10**9)",
    "choice of secrets": "secrets.choice(range(10**9))",
    "random": "random.random()",
    "gauss": "random.gauss(0, 1)",
    "shuffle": "random.sample(range(1000), 5)",
    "Random()": "random.Random().random()",
    "Random() held": "Generator().random()",
    "Random().seed()": "reseeded(random.Random(1)).random()",
    "seed()": "random.seed() or random.random()",
    "subclass": "Subclass().random()",
    "SystemRandom": "random.SystemRandom().random()",
    "SystemRandom.randbytes": "random.SystemRandom().randbytes(4).hex()",
    "mktemp": "tempfile.mktemp()",
    "TemporaryDirectory": "tempfile.TemporaryDirectory().name",
    "choice of letters": "''.join(random.choices(string.ascii_letters, k=12))",
    "boundary": "email.generator._make_boundary()",
    "message id": "email.utils.make_msgid(domain='x').split('.', 1)[1].split('.', 1)[1]",
    "authkey": "multiprocessing.process.AuthenticationString(os.urandom(4)).hex()",
    "order of a set": "list({f'key-{n}' for n in range(12)})",
    "order of bytes": "list(map(bytes.hex, {bytes([n]) * 3 for n in range(12)}))",
    "hash": "hash('text')",
    "hash of a date": "hash(datetime.date(2025, 1, 1))",
    "log stream": "context.log_stream_name",
    "trace id": "os.environ['_X_AMZN_TRACE_ID']",
    "request id": "context.aws_request_id",
    "idempotency token": "botocore.handlers.uuid.uuid4().hex",
    "draw of a thread": "in_thread(lambda: secrets.token_hex(8))",
    "draw of a fork": "in_fork(lambda: secrets.token_hex(8))",
    "random of a fork": "in_fork(lambda: str(random.random()))",
    "drawn when loaded": "LOADED",
}

APP = """
import datetime, email.generator, email.utils, multiprocessing, os, random, secrets, ssl, string, tempfile
import threading, uuid
import botocore.handlers
from os import urandom as held_urandom
from random import Random as Generator

LOADED = [uuid.uuid4().hex, random.random(), secrets.token_hex(4), Generator().random()]

class Subclass(random.Random):
    pass

def reseeded(generator):
    generator.seed()
    return generator

def in_thread(draw):
    found = []
    thread = threading.Thread(target=lambda: found.append(draw()))
    thread.start()
    thread.join()
    return found[0]

def in_fork(draw):
    ours, theirs = os.pipe()
    if os.fork() == 0:
        os.write(theirs, draw().encode())
        os._exit(0)
    os.wait()
    return os.read(ours, 100).decode()

def handler(event, context):
    names = dict(globals(), context=context)
    return {name: eval(source, names) for name, source in event.items()}
"""


def drawn(service: Any, runtime: FunctionRuntime, config: Any, request_id: str = ID) -> Any:
    """Random values from the first invocation in a new environment."""
    runtime.stop_environments()
    invocation = service.invoke(runtime, config, json.dumps(SOURCES).encode(), request_id=request_id)
    assert invocation.error is None, invocation.log
    return json.loads(invocation.result)


def test_an_invocation_draws_the_same_each_time(either_runtime, service, make_function):
    config = make_function(APP, timeout_s=60)
    one, other = (drawn(service, either_runtime, config) for _ in range(2))
    assert {name: (one[name], other[name]) for name in one if one[name] != other[name]} == {}
    assert set(one) == set(SOURCES)


def test_another_invocation_draws_otherwise(runtime, service, make_function):
    config = make_function(APP, timeout_s=60)
    one, other = drawn(service, runtime, config), drawn(service, runtime, config, OTHER)
    of_the_environment = {"getnode", "log stream", "drawn when loaded", "uuid1"}
    of_the_world = {"order of a set", "order of bytes", "hash", "hash of a date"}
    same = {name for name in one if one[name] == other[name]}
    assert same - {"uuid1"} == (of_the_environment | of_the_world) - {"uuid1"}


@pytest.fixture
def other_world() -> Iterator[FunctionRuntime]:
    with FunctionRuntime(world=7) as runtime:
        yield runtime


def test_another_world_has_other_environments_and_orders(runtime, other_world, service, make_function):
    config = make_function(APP, timeout_s=60)
    one, other = drawn(service, runtime, config), drawn(service, other_world, config)
    changed = {name for name in one if one[name] != other[name]}
    assert {"getnode", "log stream", "drawn when loaded", "order of a set", "hash"} <= changed
    assert one["random"] == other["random"]  # which depends on the request ID


def test_both_ways_to_start_an_environment_draw_the_same(runtime, spawning_runtime, service, make_function):
    config = make_function(APP, timeout_s=60)
    forked, spawned = drawn(service, runtime, config), drawn(service, spawning_runtime, config)
    spawning_runtime.stop_environments()
    changed = {name for name in forked if forked[name] != spawned[name]}
    # Before the handler runs, modules that a fork has already loaded may draw values.
    assert changed <= {"drawn when loaded"}


def test_environments_of_a_function_differ(runtime, service, make_function):
    config = make_function(
        """
        import uuid
        loaded = uuid.uuid4().hex
        def handler(event, context):
            if event: raise SystemExit(1)
            return [loaded, uuid.getnode(), context.log_stream_name]
        """
    )

    def seen() -> list[Any]:
        runtime.stop_environments()
        found = []
        for _ in range(3):
            found.append(json.loads(service.invoke(runtime, config, b"{}", request_id=ID).result))
            service.invoke(runtime, config, b"1", request_id=OTHER)  # ends the environment
        return found

    first = seen()
    assert all(len(set(map(str, column))) == 3 for column in zip(*first, strict=True))
    assert seen() == first


def test_draws_of_parent_and_forked_children_differ(runtime, service, make_function):
    config = make_function(APP, timeout_s=60)
    sources = dict.fromkeys("ab", SOURCES["draw of a fork"]) | {"parent": "secrets.token_hex(8)"}
    sources |= {f"random {name}": SOURCES["random of a fork"] for name in "ab"}
    invocation = service.invoke(runtime, config, json.dumps(sources).encode(), request_id=ID)
    seen = json.loads(invocation.result)
    assert len(set(seen.values())) == 5


def test_on_the_real_clock_chance_is_real(either_runtime, make_function):
    config = make_function(APP, timeout_s=60)
    real = {"hash", "hash of a date", "order of a set", "order of bytes", "getnode", "request id"}
    sources = json.dumps({name: text for name, text in SOURCES.items() if name not in real}).encode()

    def seen() -> Any:
        either_runtime.stop_environments()
        invocation = either_runtime.invoke(config, sources, request_id=ID)
        assert invocation.error is None, invocation.log
        return json.loads(invocation.result)

    one, other = seen(), seen()
    assert {name for name in one if one[name] == other[name]} - {"trace id"} == set()


def test_replaced_functions_look_and_fail_like_the_real_ones(runtime, service, make_function):
    config = make_function(
        """
        import copy, inspect, os, pickle, random, secrets, ssl
        class Source:
            draw = os.urandom
        def failure(call, *args):
            try: call(*args)
            except Exception as error: return f"{type(error).__name__}: {error}"
        def handler(event, context):
            return [
                repr(os.urandom), os.urandom.__name__, pickle.loads(pickle.dumps(os.urandom)) is os.urandom,
                copy.deepcopy(os.urandom) is os.urandom, len(Source().draw(3)), len(os.urandom(0)),
                len(os.getrandom(5, os.GRND_NONBLOCK)), len(os.getrandom(size=2, flags=0)),
                failure(os.urandom, -1), failure(os.urandom, "x"), failure(random.Random, []),
                str(inspect.signature(random.Random.seed)), random.seed.__name__,
                len(secrets.token_bytes()), ssl.RAND_status(),
            ]
        """
    )
    invocation = service.invoke(runtime, config, b"{}")
    assert invocation.error is None, invocation.log
    source = (
        "import inspect, os, random\n"
        "def failure(call, *args):\n"
        "    try: call(*args)\n"
        "    except Exception as error: return f'{type(error).__name__}: {error}'\n"
        "print([repr(os.urandom), 'urandom', True, True, 3, 0, 5, 2, failure(os.urandom, -1), "
        "failure(os.urandom, 'x'), failure(random.Random, []), "
        "str(inspect.signature(random.Random.seed)), 'seed', 32, True])"
    )
    plain = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert str(json.loads(invocation.result)) == plain.stdout.strip()


def test_variables_and_flags_show_nothing_of_it(either_runtime, service, make_function):
    config = make_function(
        """
        import os, sys
        def handler(event, context):
            return [name for name in os.environ if "HASH" in name], sys.flags.hash_randomization, sys.path[0]
        """
    )
    invocation = service.invoke(either_runtime, config, b"{}")
    assert invocation.error is None, invocation.log
    names, flag, first = json.loads(invocation.result)
    assert (names, flag, first) == ([], 1, "/var/task")


def test_random_programs_draw_the_same_each_time(runtime, service, make_function):
    config = make_function(APP, timeout_s=60)

    def names(step: int) -> list[str]:
        return [list(SOURCES)[(step * k) % len(SOURCES)] for k in range(20)]

    for number in range(1, 9):
        program = {f"{k} {name}": SOURCES[name] for k, name in enumerate(names(number))}
        seen = []
        for _ in range(2):
            runtime.stop_environments()
            seen.append(service.invoke(runtime, config, json.dumps(program).encode(), request_id=ID).result)
        assert seen[0] == seen[1]
