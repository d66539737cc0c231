"""An engine that commands of this process have in turn is empty for each, and is left when it was changed."""

from __future__ import annotations

from kept_engines import POOL, KeptEngine

from harness.engine.clients import Clients


def test_what_the_one_before_made_is_gone_and_a_changed_one_is_ended() -> None:
    first, second = KeptEngine(world=7), KeptEngine(world=7)  # a world that no other test has
    try:
        endpoint = first.start()
        Clients(endpoint).s3.create_bucket(Bucket="made")
        first.stop()
        assert second.start() == endpoint
        assert Clients(endpoint).s3.list_buckets()["Buckets"] == []
        second.measure(arcs=False)  # which a reset does not take back
    finally:
        second.stop()
        first.stop()
    assert POOL.take(second._started_with) is None
