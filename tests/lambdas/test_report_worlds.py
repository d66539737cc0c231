"""Random worlds: if invocations stop, fail, end or are repeated, every object still counts once.

Threads take turns here, and the seed decides whose turn it is: a world always runs the same way.
"""

from __future__ import annotations

import random
import threading
from bisect import bisect_right, insort
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from random_keys import kinds
from tables import Table

from usage_report import aws, lanes, list_objects, progress, ranges
from usage_report.aggregate import Counts
from usage_report.errors import MoreKeys, Transient

WORLDS = 200
PAGE = 8
TROUBLED = 12  # the number of invocations per bucket that may fail; later ones do not
MOST_INVOCATIONS = 60
COMES_AND_GOES = ".volatile"


class Ended(BaseException):
    """The process has exited with all its threads."""


class Process:
    """An invocation. It ends before its nth call, if n is set."""

    def __init__(self, ends_before: int | None = None) -> None:
        self.calls_left = ends_before
        self.has_ended = False
        self.answer: Any = None

    def call(self) -> None:
        if self.calls_left is not None:
            self.calls_left -= 1
            self.has_ended |= self.calls_left < 0


class Turn:
    def __init__(self, process: Process) -> None:
        self.process = process
        self.comes = threading.Semaphore(0)
        self.is_over = False


class Turns:
    """Threads that run one at a time. The next one is drawn at random."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._here = threading.local()
        self._here.turn = Turn(Process())
        self._all: list[Turn] = [self._here.turn]

    def switch(self) -> None:
        """Let this or a different thread continue. A process exit is simulated here."""
        here, there = self._here.turn, self._draw.choice(self._all)
        if there is not here:
            there.comes.release()
            here.comes.acquire()
        if here.process.has_ended:
            raise Ended

    def call(self) -> None:
        """Switch threads, as if waiting for AWS."""
        self._here.turn.process.call()
        self.switch()

    def begin(self, target: Callable[[], None], process: Process | None = None) -> Turn:
        turn = Turn(process or self._here.turn.process)

        def run() -> None:
            self._here.turn = turn
            turn.comes.acquire()
            with suppress(Ended):
                target()
            turn.is_over = True
            self._all.remove(turn)
            self._draw.choice(self._all).comes.release()

        self._all.append(turn)
        threading.Thread(target=run, daemon=True).start()
        return turn

    def wait_for_all(self) -> None:
        while len(self._all) > 1:
            self.switch()

    def module(self) -> Any:
        """The part of the module `threading` that the lanes need."""
        turns = self

        class Thread:
            def __init__(self, target: Callable[[], None], name: str) -> None:
                self._target, self._name = target, name

            def start(self) -> None:
                self._turn = turns.begin(self._target)

            def join(self) -> None:
                while not self._turn.is_over:
                    turns.switch()

        class Lock:
            def __init__(self) -> None:
                self._is_held = False

            def __enter__(self) -> None:
                turns.switch()
                while self._is_held:
                    turns.switch()
                self._is_held = True

            def __exit__(self, *_: object) -> None:
                self._is_held = False
                turns.switch()

        return SimpleNamespace(Thread=Thread, Lock=Lock)


def error(code: str, status: int, operation: str) -> ClientError:
    return ClientError(
        {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        operation,
    )


class S3:
    """A client with buckets. It returns S3's XML, which `read_fast` parses."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.parse: Callable[..., None]
        self.meta = SimpleNamespace(events=SimpleNamespace(register=self._register))

    def _register(self, event: str, parse: Callable[..., None], unique_id: str = "") -> None:
        assert event == "before-parse.s3.ListObjectsV2"
        self.parse = parse

    def list_objects_v2(self, **asked: str) -> dict[str, Any]:
        world, draw = self._world, self._world.draw
        world.turns.call()
        world.trouble("ListObjectsV2")
        keys = world.buckets[asked.pop("Bucket")]
        token, after = asked.pop("ContinuationToken", None), asked.pop("StartAfter", "")
        assert not asked
        assert len(after.encode()) <= 1024
        if token is not None:
            assert not after
            after = world.tokens[int(token)]
        begin = bisect_right(keys, after)
        # S3 may return fewer keys than exist, and none if there are many delete markers.
        size = PAGE if draw.random() < world.full else draw.randint(0, PAGE)
        found = keys[begin : begin + size]
        body = "".join(
            f"<Contents><Key>{quote_plus(key, safe='/')}</Key><Size>{size_of(key)}</Size></Contents>"
            for key in found
        )
        more = begin + size < len(keys)
        if more:
            world.tokens.append(found[-1] if found else after)
            body += f"<NextContinuationToken>{len(world.tokens) - 1}</NextContinuationToken>"
        body += f"<EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>"
        page: dict[str, Any] = {}
        answer = {"status_code": 200, "body": f"<ListBucketResult>{body}</ListBucketResult>".encode()}
        self.parse(response_dict=answer, customized_response_dict=page)
        world.come_and_go(keys)
        world.turns.call()
        return page


class SlowTable(Table):
    """A table whose responses take turns, and may fail or be lost."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def put_item(self, **asked: Any) -> None:
        self._world.turns.call()
        self._world.trouble("PutItem")
        super().put_item(**asked)
        self._world.turns.call()
        self._world.trouble("PutItem")  # written, but without a response

    def get_item(self, **asked: Any) -> dict[str, Any]:
        self._world.turns.call()
        self._world.trouble("GetItem")
        return super().get_item(**asked)


def size_of(key: str) -> int:
    return len(key) ** 3


LETTERS = (
    "abc",
    "0123456789",
    "abcdef0123456789",
    "aé漢\U0001f4f7",
    "/-_.Z9",
    "&<>\"'\n\r\t +%=\x01\x7f",
    "\ud7ff\ue000\ufffd\uffff\U00010000\U0010ffff",
)
PREFIXES = (
    *("", "", "raw/", "a/very/long/common/path/of/one/application/"),
    *("\U0001f4f7/", "<&>\n", "漢" * 300, "\uffff"),
)
NAMES = ("photos", "photos.old", "photos-2026", "a-b", "0.0")


def keys_of(draw: random.Random) -> list[str]:
    """Keys of one or two kinds, in S3's sort order."""
    prefix, letters = draw.choice(PREFIXES), draw.choice(LETTERS)
    all_kinds = [
        *kinds(draw, prefix, letters),
        lambda n: letters[0] * n + draw.choice(letters),
        lambda n: f"{prefix}{n:x}".ljust(1024 - len(prefix.encode()) + len(prefix), draw.choice("aZ~")),
    ]
    found: set[str] = set()
    for kind in draw.sample(all_kinds, draw.choice([1, 1, 2])):
        found |= {kind(n) for n in range(draw.choice([0, 1, PAGE, PAGE + 1, 57, 200, 400]))}
    return sorted({key for key in found if 0 < len(key.encode()) <= 1024}, key=str.encode)


class World:
    """Buckets, and listing parameters."""

    def __init__(self, seed: int) -> None:
        self.draw = draw = random.Random(seed)
        self.turns = Turns(draw)
        self.names = draw.sample(NAMES, draw.choice([1, 1, 2]))
        self.buckets = {name: keys_of(draw) for name in self.names}
        self.tokens: list[str] = []
        self.lanes = draw.randint(1, 8)
        self.full = draw.choice([0.3, 0.9, 1])  # how many pages are full
        self.errors = draw.choice([0, 0.02, 0.1])  # how many calls fail
        self.mishaps = draw.choice([0, 0.3, 0.8])  # how many invocations end, are lost or run twice
        self.stops_after = draw.choice([1, 3, 20, 10**9])  # the number of pages
        self.changes = draw.choice([0, 0, 0.3])  # how many calls see an object come or go
        self.in_trouble = True
        self.s3, self.table = S3(self), SlowTable(self)

    def trouble(self, operation: str) -> None:
        if self.in_trouble and self.draw.random() < self.errors:
            raise self.draw.choice(
                [
                    error("SlowDown", 503, operation),
                    error("ThrottlingException", 400, operation),
                    ReadTimeoutError(endpoint_url="https://aws"),
                ]
            )

    def come_and_go(self, keys: list[str]) -> None:
        if keys and self.draw.random() < self.changes:
            key = self.draw.choice(keys)
            if key.endswith(COMES_AND_GOES):
                keys.remove(key)
            elif len(key.encode()) < 1000 and f"{key}x{COMES_AND_GOES}" not in keys:
                insort(keys, f"{key}x{COMES_AND_GOES}")

    def invoke(self, bucket: str, retries: int) -> dict[str, Any] | None:
        """The response to the state machine. None if it must retry."""
        mishap = self.in_trouble and self.draw.random() < self.mishaps
        processes = [Process()]
        if mishap and self.draw.random() < 0.5:
            processes = [Process(self.draw.randint(0, 30))]
        elif mishap:
            processes.append(Process())

        def invocation(process: Process) -> Callable[[], None]:
            asked = [0]
            stops_after = self.stops_after if self.in_trouble else 50

            def left_ms() -> int:
                asked[0] += 1
                return 0 if asked[0] >= stops_after else 900_000

            context = SimpleNamespace(get_remaining_time_in_millis=left_ms)
            event = {"run_id": "run-1", "bucket": bucket, "state": {"RetryCount": retries}}

            def run() -> None:
                try:
                    process.answer = list_objects.handler(event, context)
                except Exception as caught:
                    process.answer = caught

            return run

        for process in processes:
            self.turns.begin(invocation(process), process)
        self.turns.wait_for_all()
        for process in processes:
            if process.answer is not None and not isinstance(process.answer, dict | MoreKeys | Transient):
                raise process.answer
        answer = self.draw.choice(processes).answer
        if self.in_trouble and mishap and self.draw.random() < 0.3:
            return None  # the response is lost
        return answer if isinstance(answer, dict) else None

    def listed(self, bucket: str) -> dict[str, Any]:
        for retries in range(MOST_INVOCATIONS):
            self.in_trouble = retries < TROUBLED
            answer = self.invoke(bucket, retries)
            if answer is not None:
                return answer
        raise AssertionError(f"{bucket} is not listed after {MOST_INVOCATIONS} invocations")


def recounted(keys: list[str]) -> dict[str, list[int]]:
    counts = Counts()
    counts.add((key, size_of(key)) for key in keys)
    found = {extension: list(aggregate) for extension, aggregate in counts.aggregates().items()}
    found.pop(COMES_AND_GOES, None)
    return found


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "PAGE", PAGE)
    for module in (ranges, list_objects):
        monkeypatch.setattr(module, "FIRST_PAGES", 2)
    monkeypatch.setattr(ranges, "WASTE", 0.5)
    monkeypatch.setattr(progress, "PART_BYTES", 60)


@pytest.mark.parametrize("seed", range(WORLDS))
def test_every_object_of_a_world_counts_once(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(seed)
    monkeypatch.setattr(lanes, "threading", world.turns.module())
    monkeypatch.setattr(aws, "client", lambda service, *_: world.s3 if service == "s3" else world.table)
    monkeypatch.setenv("TABLE_NAME", "T")
    monkeypatch.setenv("LISTING_LANES", str(world.lanes))
    for bucket in world.names:
        expected = recounted(world.buckets[bucket])
        answer = world.listed(bucket)
        assert answer["status"] == "COUNTED"
        extensions = answer["extensions"]
        assert answer["object_count"] == sum(count for count, _ in extensions.values())
        assert answer["total_bytes"] == sum(size for _, size in extensions.values())
        extensions.pop(COMES_AND_GOES, None)
        assert extensions == expected
