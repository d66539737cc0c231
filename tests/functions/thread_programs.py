"""Random threaded programs as handler source code. Each returns its history."""

from __future__ import annotations

import random

HEAD = """
import queue, threading, time
from concurrent.futures import ThreadPoolExecutor, wait
import boto3
s3 = boto3.client("s3")


def handler(event, context):
    begin, history, threads, timers = time.time(), [], [], []
    locks = [threading.Lock(), threading.RLock()]
    condition, event_, things = threading.Condition(), threading.Event(), queue.Queue(2)
    simple, few, pool = queue.SimpleQueue(), threading.Semaphore(2), ThreadPoolExecutor(2)
    def note(*what):
        name = threading.current_thread().name[:7]
        history.append([round(time.time() - begin, 6), name, *what])
"""

_SECONDS = ("0.01", "0.5", "0.5", "1", "2", "3.25", "0")


def program(seed: int) -> str:
    """Return the module `app` for one program. Equal seeds return equal source code."""
    chance = random.Random(seed)
    lines = [HEAD]
    count = chance.randint(2, 6)
    for number in range(count):
        lines += [f"    def work{number}():", *_body(chance, 2, chance.randint(2, 7))]
    for number in range(count):
        lines.append(f"    threads.append(threading.Thread(target=work{number}, name='T{number}'))")
    lines += ["    for thread in threads:", "        thread.start()"]
    lines += _body(chance, 1, chance.randint(0, 3))
    lines += ["    for thread in (*threads, *timers):", "        thread.join()"]
    lines += ["    pool.shutdown()", "    note('end')"]
    return "\n".join([*lines, "    return history", ""])


def _body(chance: random.Random, depth: int, steps: int) -> list[str]:
    lines: list[str] = []
    for _ in range(steps):
        lines += [f"{'    ' * depth}{line}" for line in _step(chance)]
    return lines or ["    " * depth + "pass"]


def _step(chance: random.Random) -> list[str]:
    s, t = chance.choice(_SECONDS), chance.choice(_SECONDS)
    n = chance.randint(0, 9)
    return chance.choice(
        [
            [f"time.sleep({s})", f"note('slept', {n})"],
            [f"with locks[{n % 2}]:", f"    time.sleep({s})", f"    note('held', {n})"],
            [f"note('taken', took := locks[0].acquire(timeout={s}))", "if took: locks[0].release()"],
            [f"with few: time.sleep({s})", "note('few')"],
            ["with condition: condition.notify()", "note('notified')"],
            [f"with condition: note('waited', condition.wait({s}))"],
            [f"note('event', event_.wait({s}))", "event_.set() if len(history) % 2 else event_.clear()"],
            [f"try: things.put({n}, timeout={s}); note('put', {n})", "except queue.Full: note('full')"],
            [f"try: note('got', things.get(timeout={s}))", "except queue.Empty: note('empty')"],
            [f"simple.put({n})", f"time.sleep({s})"],
            [f"try: note('simple', simple.get(timeout={s}))", "except queue.Empty: note('none')"],
            [
                f"done, _ = wait([pool.submit(time.sleep, {s}), pool.submit(time.sleep, {t})], timeout={t})",
                "note('done', len(done))",
            ],
            ["s3.list_buckets()", f"note('called', {n})"],
            [
                f"timer = threading.Timer({s}, note, ['timer', {n}])",
                "timer.name = 'timer'; timer.start(); timers.append(timer)",
            ],
        ]
    )
