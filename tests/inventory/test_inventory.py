"""`harness seed-from`: the seed contains the listing's objects, but none of its names."""

from __future__ import annotations

import io
import re
import sys
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import minimal_project
import pytest
from listings import ROWS, Row, csv_text, inventory, json_text, ls_text
from minimal_project import scenario
from ruamel.yaml import YAML

from harness.cli import main
from harness.exit_codes import PASSED, WRONG
from harness.expect import BUILT_IN
from harness.inventory import Listed, Wishes, made_of
from harness.inventory.groups import MOST_GROUPS, Groups
from harness.inventory.shapes import parts_of
from harness.scenario.load import load
from harness.scenario.model import Scenario
from harness.scenario.seed import Seed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def listing(folder: Path, form: str) -> Path:
    """The rows in a format."""
    if form in ("CSV", "Parquet", "ORC"):
        return inventory(folder, form)
    texts: dict[str, Callable[[], str]] = {"csv": csv_text, "ls": ls_text, "json": json_text}
    path = folder / "listed"
    path.write_text(texts[form](), encoding="utf-8")
    return path


def _loaded(path: Path) -> Scenario:
    (found,) = load([path], BUILT_IN)
    return found


def counted(rows: Iterable[Row]) -> dict[str, tuple[int, int]]:
    """The number of objects and bytes for each extension."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for _, key, size in rows:
        count, total = found[parts_of(key).suffix]
        found[parts_of(key).suffix] = count + 1, total + size
    return dict(found)


def by_bucket(seed: Seed) -> list[dict[str, tuple[int, int]]]:
    """The same for each bucket in a seed, whose keys must be unique."""
    found = []
    for bucket in seed.expanded():
        rows = [(bucket.name, key, size) for key, size, _ in bucket.each()]
        assert len({key for _, key, _ in rows}) == len(rows)
        found.append(counted(rows))
    return found


def of_rows(named: bool) -> list[dict[str, tuple[int, int]]]:
    """The same for the rows. A listing without bucket names describes one bucket."""
    names = sorted({row[0] for row in ROWS}) if named else [""]
    return [counted(row for row in ROWS if row[0] == name or not named) for name in names]


@pytest.mark.parametrize("form", ["CSV", "Parquet", "ORC", "csv", "ls", "json"])
@pytest.mark.parametrize("keep", [(), ("--keep-names",)])
def test_objects_and_bytes_of_each_extension_are_those_of_the_listing(folder, capsys, form, keep):
    assert main(["seed-from", str(listing(folder, form)), "--output", "new/a.yaml", *keep]) == PASSED
    made = _loaded(folder / "new/a.yaml")
    sums = by_bucket(made.seed)
    assert sorted(sums, key=str) == sorted(of_rows(form not in ("ls", "json")), key=str)
    text = (folder / "new/a.yaml").read_text(encoding="utf-8")
    names = ("Anna", "ller", "Cula", "part", "cat", "raw/{n:05}.nef")
    assert [name for name in names if name in text] == (list(names) if keep else [])
    assert ("acme" in text) == (bool(keep) and form not in ("ls", "json"))
    said = capsys.readouterr()
    assert "note: dates are not kept, objects are created at the start of the run: 2024-05-01" in said.err
    assert ("guessed: Bucket, Key, Size, LastModifiedDate, StorageClass" in said.err) == (form == "csv")
    assert f"new/a.yaml written: {len(ROWS)} objects and 917." in said.out


def test_the_seed_is_printed_and_reads_from_stdin(folder, capsys, monkeypatch):
    read = tempfile(folder, ls_text(ROWS[:1]))
    monkeypatch.setattr(sys, "stdin", read)
    with read:
        assert main(["seed-from", "-", "--keep-names", "--bucket", "photos"]) == PASSED
    said = capsys.readouterr().out
    assert said == ("seed: {buckets: {photos: {objects: [{key: 2019/cat.JPG, size: 2 MiB}]}}}\n")
    assert YAML(typ="safe").load(said)["seed"]["buckets"].keys() == {"photos"}


def tempfile(folder: Path, text: str) -> io.TextIOWrapper:
    (folder / "piped").write_text(text)
    return (folder / "piped").open()


def test_sizes_for_people_are_told_to_be_rounded(folder, capsys):
    lines = ["2.0 MiB 2019/cat.JPG", "5 Bytes notes.txt", "1 Byte one.txt", "1.5 GiB raw/1.nef"]
    text = "".join(f"2024-05-01 10:00:00 {line:>10}\n" for line in lines)
    (folder / "listed").write_text(f"{text}\nTotal Objects: 4\n   Total Size: 1.5 GiB\n")
    assert main(["seed-from", "listed", "--keep-names"]) == PASSED
    said = capsys.readouterr()
    assert "- {key: raw/1.nef, size: 1536 MiB}" in said.out
    assert "- {key: one.txt, size: 1}" in said.out
    assert "sizes are rounded as in the listing: list without --human-readable" in said.err


def test_versions_markers_and_storage_classes_are_told(folder, capsys):
    (folder / "v.csv").write_text(
        '"b-1","a.txt","v2","true","false","7","2024-05-01T10:00:00.000Z","GLACIER"\n'
        '"b-1","a.txt","v1","false","false","9","2023-05-01T10:00:00.000Z","STANDARD"\n'
        '"b-1","b.txt","v3","true","true","","2023-05-01T10:00:00.000Z",""\n'
    )
    assert main(["seed-from", "v.csv"]) == PASSED
    said = capsys.readouterr()
    assert "{key: name-2.txt, size: 7}" in said.out
    assert "note: 1 earlier version of 9 B left out: a seed contains only current objects\n" in said.err
    assert "note: 1 delete marker left out" in said.err
    assert "storage classes are not kept, all are STANDARD: 1 GLACIER" in said.err


GOOD = "2024-05-01 10:00:00          5 a.txt\n"
BAD: dict[str, tuple[str, str]] = {
    "no line": (f"{GOOD}hello\n", "x:2:1: 'hello' is not a line of aws s3 ls --recursive; remove it"),
    "folder": (
        f"{GOOD}                 PRE raw/\n",
        "x:2:1: this is a folder, and its objects are not listed",
    ),
    "bucket": ("2024-05-01 10:00:00 photos\n", "x:1:1: this is a bucket; list its objects"),
    "cut": (
        f"{GOOD}\nTotal Objects: 2\n",
        "x:3:1: Total Objects is '2', but the lines before add up to 1; lines",
    ),
    "date": (
        GOOD.replace("-05-01", "-13-01"),
        "x:1:1: invalid time '2024-13-01'; a time must be in ISO 8601",
    ),
    "size": (GOOD.replace("   5", "9" * 16), f"x:1:27: an object cannot have '{'9' * 16}' bytes"),
    "empty": ("\n", "x:1:1: the listing is empty; list again"),
    "csv": (
        '"b","k"\n',
        "x:1:2: this is not a row of an S3 Inventory report with sizes; use its manifest.json",
    ),
    "columns": (
        '"b","k","1"\n"b","k"\n',
        "x:2:2: the row has 2 columns instead of 3; if the file is truncated",
    ),
    "csv size": ('"b","k","1"\n"b","k%20","1.5"\n', "x:2:13: invalid size '1.5'; a size is a whole number"),
    "csv key": ('"b","k%ff","1"\n', "x:1:6: the key 'k%ff' is not UTF-8; list again"),
    "csv quotes": ('"b","k","1"\n"b","k', "x:2:1: invalid CSV (unexpected end of data)"),
    "json": (
        '{"Contents": [\n  {"Key": "a", "Size": "1"}]}',
        "x:2:3: invalid Size '\"1\"'; a size is a whole",
    ),
    "json cut": ('{"Contents": [\n  {"Key": "a", "Size": 1},\n', "x:3:1: the JSON is incomplete"),
    "json other": (
        '{"Buckets": []}',
        "x:1:15: the listing contains no objects (Contents); create the listing",
    ),
    "json token": ('{"Contents": [], "NextToken": "t"}', "x:1:33: the listing is incomplete; list without"),
    "manifest": (
        '{"fileSchema": "Bucket, Key", "fileFormat": "CSV", "files": []}',
        "x:1:1: column Size not found",
    ),
    "file": (
        '{"fileSchema": "Bucket, Key, Size", "fileFormat": "CSV", "files": [{"key": "p/data/q.csv.gz"}]}',
        "x:1:1: its file q.csv.gz was not found next to it or in a folder data; download it next "
        "to the manifest",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_refused_where_it_is(folder, capsys, name):
    text, message = BAD[name]
    (folder / "x").write_text(text)
    assert main(["seed-from", "x", "--output", "a.yaml"]) == WRONG
    assert capsys.readouterr().err.startswith(message)
    assert not (folder / "a.yaml").exists()


def test_a_file_of_another_download_and_one_that_is_cut_are_refused(folder, capsys):
    manifest = inventory(folder)
    part = folder / "data" / "part-1.csv.gz"
    part.write_bytes(part.read_bytes()[:-9])
    assert main(["seed-from", str(manifest)]) == WRONG
    assert "part-1.csv.gz: its MD5 differs from the manifest; download" in capsys.readouterr().err
    assert main(["seed-from", str(part)]) == WRONG
    assert "1: the file cannot be read completely (Compressed file ended" in capsys.readouterr().err
    assert main(["seed-from", str(part), str(part)]) == WRONG
    assert "is specified twice, so its objects would count twice; remove one" in capsys.readouterr().err


def test_a_file_that_is_there_is_kept_unless_asked(folder, capsys):
    (folder / "x").write_text(GOOD)
    (folder / "a.yaml").write_text("mine")
    assert main(["seed-from", "x", "--output", "a.yaml"]) == WRONG
    remedy = "is not overwritten; choose another file with --output, or add --overwrite"
    assert remedy in capsys.readouterr().err
    assert (folder / "a.yaml").read_text() == "mine"
    assert main(["seed-from", "x", "--output", "a.yaml", "--overwrite"]) == PASSED
    assert _loaded(folder / "a.yaml").title == "With 1 object and 5 B from a listing"


def test_names_that_no_bucket_can_have_are_not_kept(folder, capsys):
    (folder / "x.csv").write_text('"My_Bucket","k","1"\n')
    assert main(["seed-from", "x.csv", "--keep-names"]) == WRONG
    assert re.search("'_'|'M' is not allowed.*, or remove --keep-names", capsys.readouterr().err)
    assert main(["seed-from", "x.csv"]) == PASSED


def test_odd_keys_are_replaced_where_names_are_kept():
    listed = [Listed("", key, 1) for key in ("a{n}.txt", "b\x07.txt", "x/" * 500 + "a", "x/" * 500 + "b")]
    made = made_of(listed, Wishes(keep_names=True))
    keys = [entry["key"] for entry in made.seed["buckets"]["listed"]["objects"]]
    assert keys[:2] == ["name-1.txt", "name-2.txt"]
    assert made.notes == ["2 names are not valid in a scenario and were replaced"]
    hidden = made_of(listed, Wishes()).seed["buckets"]["listed"]["objects"]
    assert max(len(entry["key"]) for entry in hidden) < 1024


def test_lines_beyond_number_take_no_more_memory():
    def many(number: int) -> Iterable[Listed]:
        for n in range(number):
            word = "".join(chr(ord("a") + n // 23**place % 23) for place in range(4))
            yield Listed("acme", f"{word[:2]}/{word}.{('nef', 'jpg')[n % 2]}", n)

    def peak(number: int) -> int:
        tracemalloc.start()
        groups = Groups(most=200)
        groups.add_all(many(number))
        assert groups.total == (number, number * (number - 1) // 2)
        assert sum(len(bucket.groups) for bucket in groups.buckets.values()) <= groups.most < MOST_GROUPS
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(4_000) < 1.5 * peak(1_000)


def test_a_scenario_of_a_listing_plays(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(minimal_project.project(tmp_path, a=scenario()))
    (tmp_path / "x").write_text(ls_text())
    assert main(["seed-from", "x", "--output", "scenarios/b.yaml"]) == PASSED
    assert main(["run", "scenarios/b.yaml"]) == PASSED
    assert "1 passed" in capsys.readouterr().out
