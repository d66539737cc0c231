import json

from hypothesis import given
from hypothesis import strategies as st

from usage_report.aggregate import Aggregate, Counts, fold_to_fit, total
from usage_report.extension import OTHER
from usage_report.size import in_binary_units

aggregates = st.dictionaries(
    st.one_of(st.just(OTHER), st.text(min_size=1, max_size=12)),
    st.builds(Aggregate, st.integers(0, 10**9), st.integers(0, 10**18)),
    max_size=60,
)


def test_objects_add_up_by_extension() -> None:
    objects = [("a.jpg", 3), ("b/C.JPG", 4), ("notes", 0), ("x/", 0)]
    counts = Counts()
    counts.add(objects)
    assert counts.aggregates() == {".jpg": (2, 7), "(none)": (1, 0), "(folder)": (1, 0)}


@given(aggregates, st.integers(80, 2000))
def test_folding_fits_and_keeps_the_sums(before: dict[str, Aggregate], max_bytes: int) -> None:
    after = fold_to_fit(before, max_bytes)
    assert total(after.values()) == total(before.values())
    assert len(json.dumps(after)) <= max_bytes
    for extension, aggregate in after.items():
        assert extension == OTHER or before[extension] == aggregate


def test_folding_takes_the_smallest() -> None:
    before = {f".{n:03}": Aggregate(1, n) for n in range(100)}
    after = fold_to_fit(before, 600)
    kept = sorted(set(after) - {OTHER})
    assert kept == [f".{n:03}" for n in range(100 - len(kept), 100)]
    assert after[OTHER].object_count == 100 - len(kept) > 0


def test_sizes_are_in_binary_units() -> None:
    sizes = [0, 1023, 1024, 2 * 1024**2, 1024**2 - 1, 12_000_000_000, 5 * 1024**6]
    shown = ["0 B", "1023 B", "1.0 KiB", "2.0 MiB", "1.0 MiB", "11.2 GiB", "5.0 EiB"]
    assert [in_binary_units(size) for size in sizes] == shown
