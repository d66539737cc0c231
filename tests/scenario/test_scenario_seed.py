"""Seeds expand to what they declare."""

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.scenario.seed import Seed

COUNTS = st.integers(1, 12)
WORDS = st.text("abcdefgh", min_size=3, max_size=8)


def _objects(words):
    many = st.fixed_dictionaries(
        {"key": st.just(f"{words}/{{n:02}}"), "count": COUNTS, "size": st.integers(0, 10**9)}
    )
    one = st.fixed_dictionaries({"key": st.just(words), "body": st.text(max_size=20)})
    return st.one_of(many, one)


def _bucket(name):
    objects = st.lists(WORDS, unique=True, max_size=4).flatmap(
        lambda words: st.tuples(*map(_objects, words)).map(list)
    )
    alone = st.fixed_dictionaries({"objects": objects}).map(lambda spec: (f"{name}-0", spec))
    many = st.fixed_dictionaries({"objects": objects, "count": COUNTS}).map(
        lambda spec: (f"{name}-{{n}}", spec)
    )
    return st.one_of(alone, many)


SEEDS = st.lists(WORDS, unique=True, max_size=4).flatmap(
    lambda words: st.tuples(*map(_bucket, words)).map(lambda entries: {"buckets": dict(entries)})
)


# No limits of time: other tests may run beside this one.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SEEDS)
def test_any_seed_expands_to_the_declared_counts_and_sizes(data):
    specs = data["buckets"].values()
    seed = Seed.model_validate(data)
    buckets = list(seed.expanded())
    assert len({bucket.name for bucket in buckets}) == sum(spec.get("count", 1) for spec in specs)
    for bucket in buckets:
        objects = list(bucket.each())
        assert len({key for key, _, _ in objects}) == len(objects)
        for _, size_bytes, body in objects:
            assert body is None or len(body) == size_bytes
    objects = [each for bucket in buckets for each in bucket.each()]
    assert len(objects) == sum(
        spec.get("count", 1) * sum(entry.get("count", 1) for entry in spec["objects"]) for spec in specs
    )
    assert seed.declared_bytes == sum(size_bytes for _, size_bytes, body in objects if body is None)
    assert sum(size_bytes for _, size_bytes, _ in objects) == sum(
        spec.get("count", 1)
        * sum(
            entry.get("count", 1) * (len(entry["body"].encode()) if "body" in entry else entry["size"])
            for entry in spec["objects"]
        )
        for spec in specs
    )


def test_many_objects_take_no_memory():
    seed = Seed.model_validate(
        {"buckets": {"huge": {"objects": [{"key": "{n}", "count": 10**6, "size": 10**6}]}}}
    )
    (bucket,) = seed.expanded()
    assert seed.declared_bytes == 10**12
    assert len(bucket.objects) == 1
    assert [key for key, _, _ in itertools.islice(bucket.each(), 3)] == ["1", "2", "3"]
