"""Reading the time, waiting and drawing random values in a function: correct and reproducible."""

from __future__ import annotations

import json
import textwrap
from typing import Any, NamedTuple

import pytest
from virtual_service import NOW


class Probe(NamedTuple):
    """The body of a handler, its result, and its duration on the clock in seconds."""

    name: str
    body: str
    right: Any
    takes_s: float | None


def probe(name: str, body: str, right: Any, takes_s: float | None = 0) -> Probe:
    return Probe(name, textwrap.dedent(body), right, takes_s)


IMPORTS = """
import asyncio, collections, concurrent.futures, datetime, email.utils, logging, multiprocessing, os, queue
import random, sched, select, selectors, signal, socket, subprocess, sys, tempfile, threading, time, uuid
from concurrent.futures import ThreadPoolExecutor
NOW = time.time()
def now(): return round(time.time() - NOW, 5)
def started(function, *args):
    thread = threading.Thread(target=function, args=args, daemon=True)
    thread.start()
    return thread
class Alarm(Exception): pass
def ring(*_): raise Alarm
"""

PROBES = [
    # Clocks stand still while code runs.
    probe("time", "return [time.time() - NOW, time.time_ns() % 10**9]", [0, 250_000_000]),
    probe("sleep", "time.sleep(61); return now()", 61, 61),
    probe("sleep short", "time.sleep(0.03); return now()", 0.03, 0.03),
    probe("monotonic", "a = time.monotonic(); time.sleep(3); return round(time.monotonic() - a, 5)", 3, 3),
    probe(
        "monotonic_ns", "a = time.monotonic_ns(); time.sleep(3); return time.monotonic_ns() - a", 3 * 10**9, 3
    ),
    probe(
        "perf_counter",
        "a = time.perf_counter(); time.sleep(3); return round(time.perf_counter() - a, 5)",
        3,
        3,
    ),
    probe(
        "perf_counter_ns",
        "a = time.perf_counter_ns(); time.sleep(3); return time.perf_counter_ns() - a",
        3 * 10**9,
        3,
    ),
    probe(
        "clock_gettime",
        """
        ids = [time.CLOCK_REALTIME, time.CLOCK_MONOTONIC, time.CLOCK_MONOTONIC_RAW, time.CLOCK_BOOTTIME]
        before = [time.clock_gettime(id) for id in ids]
        time.sleep(7)
        return [round(time.clock_gettime(id) - a, 5) for id, a in zip(ids, before)]
        """,
        [7, 7, 7, 7],
        7,
    ),
    probe(
        "clock_gettime_ns",
        """
        a = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        time.sleep(7)
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC) - a
        """,
        7 * 10**9,
        7,
    ),
    probe(
        "datetime",
        """
        time.sleep(59)
        d = datetime.datetime
        return [d.now().isoformat(), d.utcnow().isoformat(), d.today().isoformat(),
                d.now(datetime.timezone.utc).isoformat(), datetime.date.today().isoformat()]
        """,
        [*["2027-01-01T00:00:59.250000"] * 3, "2027-01-01T00:00:59.250000+00:00", "2027-01-01"],
        59,
    ),
    probe(
        "struct_time",
        """
        return [time.strftime("%F %T"), time.asctime(), time.ctime(), list(time.gmtime())[:6],
                email.utils.formatdate()]
        """,
        [
            "2027-01-01 00:00:00",
            "Fri Jan  1 00:00:00 2027",
            "Fri Jan  1 00:00:00 2027",
            [2027, 1, 1, 0, 0, 0],
            "Fri, 01 Jan 2027 00:00:00 -0000",
        ],
    ),
    probe(
        "logging",
        "time.sleep(2); return round(logging.LogRecord('', 0, '', 0, '', (), None).created - NOW, 5)",
        2,
        2,
    ),
    probe(
        "uuid1", "a = uuid.uuid1().time; time.sleep(2); return round((uuid.uuid1().time - a) / 1e7, 3)", 2, 2
    ),
    probe(
        "remaining time",
        """
        left = context.get_remaining_time_in_millis
        a = left(); time.sleep(2.5)
        return a - left()
        """,
        2500,
        2.5,
    ),
    probe(
        "a loop that reads the date",
        """
        until = time.time() + 3
        while time.time() < until: pass
        return round(now(), 1)
        """,
        3,
        3,
    ),
    probe(
        "a loop that reads a counter",
        """
        until = time.perf_counter() + 60
        threading.Thread(target=lambda: (time.sleep(20), done.append(now()))).start()
        done = []
        while time.perf_counter() < until and not done: pass
        return [round(now(), 1), *done]
        """,
        [20, 20],
        20,
    ),
    # Threads
    probe("two threads", "list(ThreadPoolExecutor(2).map(time.sleep, [50, 50])); return now()", 50, 50),
    probe(
        "four threads", "list(ThreadPoolExecutor(4).map(time.sleep, [10, 20, 30, 40])); return now()", 40, 40
    ),
    probe(
        "six threads",
        """
        seen = []
        def work(n):
            time.sleep(n); seen.append([n, now()]); time.sleep(n); seen.append([n, now()])
        with ThreadPoolExecutor(6) as pool: list(pool.map(work, [3, 1, 2, 3, 1, 2]))
        return seen
        """,
        [[1, 1], [1, 1], [2, 2], [2, 2], [1, 2], [1, 2], [3, 3], [3, 3], [2, 4], [2, 4], [3, 6], [3, 6]],
        6,
    ),
    probe("join", "t = started(time.sleep, 5); t.join(); return [now(), t.is_alive()]", [5, False], 5),
    probe(
        "join time-out", "t = started(time.sleep, 5); t.join(2); return [now(), t.is_alive()]", [2, True], 2
    ),
    probe(
        "future time-out",
        """
        future = ThreadPoolExecutor(1).submit(time.sleep, 50)
        try: future.result(timeout=2)
        except (TimeoutError, concurrent.futures.TimeoutError): return [now(), future.done()]
        """,
        [2, False],
        2,
    ),
    probe(
        "future",
        "return [ThreadPoolExecutor(1).submit(lambda: time.sleep(5) or 7).result(60), now()]",
        [7, 5],
        5,
    ),
    probe(
        "futures.wait",
        """
        futures = [ThreadPoolExecutor(1).submit(time.sleep, n) for n in (3, 9)]
        done, rest = concurrent.futures.wait(futures, timeout=4)
        return [len(done), len(rest), now()]
        """,
        [1, 1, 4],
        4,
    ),
    probe(
        "as_completed",
        """
        pool = ThreadPoolExecutor(3)
        futures = {pool.submit(time.sleep, n): n for n in (3, 1, 2)}
        return [[futures[f], now()] for f in concurrent.futures.as_completed(futures, timeout=30)]
        """,
        [[1, 1], [2, 2], [3, 3]],
        3,
    ),
    probe(
        "as_completed time-out",
        """
        try: list(concurrent.futures.as_completed([concurrent.futures.Future()], 2))
        except (TimeoutError, concurrent.futures.TimeoutError): return now()
        """,
        2,
        2,
    ),
    probe(
        "executor that is full",
        "list(ThreadPoolExecutor(2).map(time.sleep, [5, 5, 5])); return now()",
        10,
        10,
    ),
    # What threads wait with
    probe("Event", "return [threading.Event().wait(5), now()]", [False, 5], 5),
    probe(
        "Event set",
        "e = threading.Event(); started(lambda: (time.sleep(3), e.set())); return [e.wait(5), now()]",
        [True, 3],
        3,
    ),
    probe(
        "Condition",
        "c = threading.Condition()\nwith c: return [c.wait(1.5), now()]",
        [False, 1.5],
        1.5,
    ),
    probe(
        "Condition wait_for",
        "c = threading.Condition()\nwith c: return [c.wait_for(lambda: False, 2), now()]",
        [False, 2],
        2,
    ),
    probe(
        "Condition notify",
        """
        c = threading.Condition(); seen = []
        def tell():
            time.sleep(2)
            with c: seen.append(1); c.notify_all()
        started(tell)
        with c: return [c.wait_for(lambda: seen, 10), now()]
        """,
        [[1], 2],
        2,
    ),
    probe(
        "Lock",
        "l = threading.Lock(); l.acquire(); return [l.acquire(timeout=4), l.acquire(False), now()]",
        [False, False, 4],
        4,
    ),
    probe(
        "Lock handed on",
        """
        l = threading.Lock(); seen = []
        def hold(n):
            with l: time.sleep(n); seen.append([n, now()])
        threads = [started(hold, n) for n in (3, 1, 2)]
        for t in threads: t.join()
        return seen
        """,
        [[3, 3], [1, 4], [2, 6]],
        6,
    ),
    probe(
        "RLock",
        """
        l = threading.RLock()
        with l, l: t = ThreadPoolExecutor(1).submit(l.acquire, True, 3).result()
        return [t, now()]
        """,
        [False, 3],
        3,
    ),
    probe("Semaphore", "return [threading.Semaphore(0).acquire(timeout=6), now()]", [False, 6], 6),
    probe(
        "BoundedSemaphore",
        """
        s = threading.BoundedSemaphore(2); ends = []
        def work():
            with s: time.sleep(5); ends.append(now())
        for t in [started(work) for _ in range(5)]: t.join()
        return ends
        """,
        [5, 5, 10, 10, 15],
        15,
    ),
    probe(
        "Barrier",
        """
        try: threading.Barrier(2).wait(8)
        except threading.BrokenBarrierError: return now()
        """,
        8,
        8,
    ),
    probe(
        "Barrier met",
        """
        b = threading.Barrier(3); seen = []
        def meet(n): time.sleep(n); b.wait(); seen.append(now())
        for t in [started(meet, n) for n in (1, 5, 3)]: t.join()
        return seen
        """,
        [5, 5, 5],
        5,
    ),
    probe("Queue get", "try: queue.Queue().get(timeout=2)\nexcept queue.Empty: return now()", 2, 2),
    probe(
        "Queue put",
        "q = queue.Queue(1); q.put(1)\ntry: q.put(2, timeout=2)\nexcept queue.Full: return now()",
        2,
        2,
    ),
    probe(
        "SimpleQueue",
        """
        q = queue.SimpleQueue(); started(lambda: (time.sleep(3), q.put("x")))
        seen = [q.get(timeout=9), now()]
        try: q.get(timeout=1)
        except queue.Empty: return [*seen, now()]
        """,
        ["x", 3, 4],
        4,
    ),
    probe(
        "Queue join",
        """
        q = queue.Queue()
        for n in (2, 4): q.put(n)
        def work():
            while True: time.sleep(q.get()); q.task_done()
        started(work); q.join()
        return now()
        """,
        6,
        6,
    ),
    probe(
        "Timer",
        "seen = []; t = threading.Timer(30, lambda: seen.append(now())); t.start(); t.join(); return seen",
        [30],
        30,
    ),
    probe(
        "Timer cancelled", "t = threading.Timer(30, print); t.start(); t.cancel(); t.join(); return now()", 0
    ),
    probe(
        "sched",
        """
        s, seen = sched.scheduler(), []
        for n in (9, 4): s.enter(n, 1, lambda n=n: seen.append([n, now()]))
        s.run()
        return seen
        """,
        [[4, 4], [9, 9]],
        9,
    ),
    # asyncio
    probe("asyncio.sleep", "asyncio.run(asyncio.sleep(61)); return now()", 61, 61),
    probe(
        "asyncio.wait_for",
        """
        async def main():
            try: await asyncio.wait_for(asyncio.sleep(50), 2)
            except (TimeoutError, asyncio.TimeoutError): return now()
        return asyncio.run(main())
        """,
        2,
        2,
    ),
    probe(
        "loop.time",
        """
        async def main():
            loop = asyncio.get_running_loop()
            a = loop.time(); await asyncio.sleep(3.5)
            return round(loop.time() - a, 5)
        return asyncio.run(main())
        """,
        3.5,
        3.5,
    ),
    probe(
        "asyncio.gather",
        """
        seen = []
        async def work(n): await asyncio.sleep(n); seen.append([n, now()])
        async def main(): await asyncio.gather(*map(work, (30, 10, 20)))
        asyncio.run(main())
        return seen
        """,
        [[10, 10], [20, 20], [30, 30]],
        30,
    ),
    probe(
        "run_in_executor",
        """
        async def main():
            run = asyncio.get_running_loop().run_in_executor
            await asyncio.gather(*(run(None, time.sleep, n) for n in (5, 5)), asyncio.sleep(3))
        asyncio.run(main())
        return now()
        """,
        5,
        5,
    ),
    probe(
        "asyncio.to_thread and call_later",
        """
        seen = []
        async def main():
            asyncio.get_running_loop().call_later(1, lambda: seen.append(now()))
            await asyncio.to_thread(time.sleep, 4)
        asyncio.run(main())
        return [seen, now()]
        """,
        [[1], 4],
        4,
    ),
    # Descriptors
    probe("select", "select.select([], [], [], 12); return now()", 12, 12),
    probe(
        "poll", "p = select.poll(); p.register(os.pipe()[0]); return [p.poll(1500), now()]", [[], 1.5], 1.5
    ),
    probe(
        "epoll", "p = select.epoll(); p.register(os.pipe()[0]); return [p.poll(2.5), now()]", [[], 2.5], 2.5
    ),
    probe(
        "selectors",
        """
        with selectors.DefaultSelector() as s:
            s.register(os.pipe()[0], selectors.EVENT_READ)
            return [s.select(7), now()]
        """,
        [[], 7],
        7,
    ),
    probe(
        "select that a thread ends",
        """
        r, w = os.pipe(); started(lambda: (time.sleep(4), os.write(w, b"x")))
        return [len(select.select([r], [], [], 60)[0]), now()]
        """,
        [1, 4],
        4,
    ),
    probe(
        "socket time-out",
        """
        a, b = socket.socketpair(); a.settimeout(3)
        try: a.recv(1)
        except TimeoutError: return now()
        """,
        3,
        3,
    ),
    probe(
        "server and client",
        """
        server = socket.create_server(("127.0.0.1", 0))
        def serve():
            connection, _ = server.accept()
            time.sleep(2); connection.sendall(b"hello"); connection.close()
        started(serve)
        client = socket.create_connection(server.getsockname())
        return [client.makefile("rb").read().decode(), now()]
        """,
        ["hello", 2],
        2,
    ),
    # Waiting in a loop
    probe(
        "polling a lock",
        """
        l = threading.Lock(); l.acquire(); started(lambda: (time.sleep(3), l.release()))
        while not l.acquire(False): pass
        return round(now())
        """,
        3,
        None,
    ),
    probe(
        "sleep(0) in a loop",
        """
        seen = []; started(lambda: (time.sleep(3), seen.append(1)))
        while not seen: time.sleep(0)
        return round(now())
        """,
        3,
        None,
    ),
    # Alarms
    probe(
        "signal.alarm",
        """
        signal.signal(signal.SIGALRM, ring); signal.alarm(5)
        try: time.sleep(60)
        except Alarm: return now()
        """,
        5,
        5,
    ),
    probe(
        "alarm in a wait",
        """
        signal.signal(signal.SIGALRM, ring); signal.alarm(5)
        started(time.sleep, 2)
        try: threading.Event().wait()
        except Alarm: return [now(), signal.alarm(0)]
        """,
        [5, 0],
        5,
    ),
    probe(
        "setitimer",
        """
        seen = []
        signal.signal(signal.SIGALRM, lambda *_: seen.append(now()))
        signal.setitimer(signal.ITIMER_REAL, 1.5, 2)
        time.sleep(6)
        left = signal.setitimer(signal.ITIMER_REAL, 0)
        return [seen, now(), [round(n, 5) for n in left]]
        """,
        [[1.5, 3.5, 5.5], 6, [1.5, 2]],
        6,
    ),
    probe(
        "signal.pause",
        "signal.signal(signal.SIGALRM, lambda *_: None); signal.alarm(9); signal.pause(); return now()",
        9,
        9,
    ),
    # Other programs run in real time, and take no time on the clock unless a timeout expires.
    probe("subprocess", "subprocess.run(['sleep', '0.05'], timeout=30, check=True); return now()", 0),
    probe(
        "subprocess time-out",
        """
        try: subprocess.run(["sleep", "30"], timeout=0.25)
        except subprocess.TimeoutExpired: return now()
        """,
        0.25,
        0.25,
    ),
    probe(
        "communicate time-out",
        """
        child = subprocess.Popen(["sleep", "30"], stdout=subprocess.PIPE)
        try: child.communicate(timeout=0.25)
        except subprocess.TimeoutExpired: child.kill(); child.communicate(); return now()
        """,
        0.25,
        0.25,
    ),
    probe(
        "a program while a thread sleeps",
        """
        t = started(time.sleep, 50)
        subprocess.run(["true"], check=True)
        a = now(); t.join()
        return [a, now()]
        """,
        [0, 50],
        50,
    ),
    probe(
        "asyncio subprocess",
        """
        async def main():
            child = await asyncio.create_subprocess_exec("echo", "x", stdout=subprocess.PIPE)
            return (await child.communicate())[0].decode()
        return [asyncio.run(main()), now()]
        """,
        ["x\n", 0],
    ),
    # Chance
    probe("random", "return [len({random.random() for _ in range(3)}), random.random() < 1]", [3, True]),
]


@pytest.mark.parametrize("case", PROBES, ids=[each.name for each in PROBES])
def test_a_probe_of_time_is_as_on_aws(runtime, make_function, service, case):
    body = textwrap.indent(case.body, "    ")
    config = make_function(f"{IMPORTS}\ndef handler(event, context):\n{body}\n", timeout_s=900)
    seen = []
    for _ in range(2):
        invocation = service.invoke(runtime, config, b"{}", request_id="id")
        assert invocation.error is None, invocation.log
        seen.append((json.loads(invocation.result), round(invocation.duration_s, 5), invocation.log))
        runtime.stop_environments()
    assert seen[0][0] == case.right
    assert case.takes_s in (None, seen[0][1])
    assert seen[1] == seen[0]
    assert invocation.started_at == NOW
