"""Data files of a distributed Map: CSV, JSON, JSON Lines, compressed ones, Parquet."""

import gzip
import io
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.states.files import documents
from harness.states.files.csv_rows import csv_items, csv_rows
from harness.states.files.documents import file_items, pointed
from harness.states.files.format import DataFormat

CSV = DataFormat("CSV")


def rows(text, delimiter=","):
    return list(csv_rows(text, delimiter))


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a,b", ["a", "b"]),
        ("a,,", ["a", "", ""]),
        (" a , b ", [" a ", " b "]),
        ('"a,b",c', ["a,b", "c"]),
        ('"say ""hi""",c', ['say "hi"', "c"]),
        ('{""k"":""v""},c', ['{"k":"v"}', "c"]),
        ('""k"",c', ['"k"', "c"]),
        ('"",c', ["", "c"]),
        ('"""k""",c', ['"k"', "c"]),
        ('  "a,b",c', ["a,b", "c"]),
        ('an "inner" word,c', ['an "inner" word', "c"]),
        (r"C:\\dir\\f,c", [r"C:\dir\f", "c"]),
        (r"a\,b,c", ["a,b", "c"]),
        (r"\"a\",c", ['"a"', "c"]),
        (r"a\nb\x,c", ["anbx", "c"]),
        ("a\\", ["a"]),
        (r'"a\\",c', ["a\\", "c"]),
    ],
)
def test_fields_are_split_by_awss_rules(text, fields):
    assert rows(text) == [fields]


@pytest.mark.parametrize("delimiter", [",", "|", ";", " ", "\t"])
def test_the_delimiter_splits_and_can_be_escaped(delimiter):
    assert rows(f'a{delimiter}"b{delimiter}c"{delimiter}d\\{delimiter}e', delimiter) == [
        ["a", f"b{delimiter}c", f"d{delimiter}e"]
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_end_with_line_ends_outside_of_quotations_only(end):
    assert rows(f'a,"b{end}c"{end}{end}d,e{end}') == [["a", "b\nc"], ["d", "e"]]


def test_characters_that_python_takes_for_line_ends_are_none():
    assert rows("a\x0bb\x0cc\x1cd\x85e\u2028f,g") == [["a\x0bb\x0cc\x1cd\x85e\u2028f", "g"]]


def test_an_odd_number_of_escaped_quotation_marks_takes_the_next_line_too():
    assert rows('a\\"b,c\nd"e,f') == [['a"b', 'c\nd"e,f']]


def test_rows_are_longer_or_shorter_than_the_headers():
    assert csv_items("a,b\n1\n1,2,3\n", ",", None) == [{"a": "1", "b": ""}, {"a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        (("userId", "movieId", "rating", "timestamp"), ["rating", "movieId", "userId", "timestamp"]),
        (("Bucket", "Key", "Size", "LastModifiedDate"), ["LastModifiedDate", "Bucket", "Size", "Key"]),
        (("0", "True", "{}"), ["0", "{}", "True"]),
    ],
)
def test_members_stand_in_awss_order(headers, shown):
    assert list(csv_items("x", ",", headers)[0]) == shown


@pytest.mark.parametrize(
    ("text", "headers", "cause"),
    [
        ("a,a\n1,2", None, "CSV headers cannot contain duplicates."),
        ("1,2", ("a", "a"), "CSV headers cannot contain duplicates."),
        ("", None, "The CSV file has no header row."),
        ("\n\n", None, "The CSV file has no header row."),
        ('a\n"b', None, 'A quoted field is not closed: "b'),
    ],
)
def test_csv_that_aws_does_not_read(text, headers, cause):
    with pytest.raises(ValueError, match=cause):
        csv_items(text, ",", headers)


@pytest.mark.parametrize("text", ["", "a\n", "a,b"])
def test_a_file_without_rows_has_no_items(text):
    assert csv_items(text, ",", None if text else ("a",)) == []


def values(body, name, form):
    return [(entry.key, entry.value) for entry in file_items(body, name, form)]


@pytest.mark.parametrize(
    ("form", "body", "items"),
    [
        (DataFormat(), "[1, 2]", [(None, 1), (None, 2)]),
        (DataFormat(), '\ufeff{"a": 1, "b": {}}', [("a", 1), ("b", {})]),
        (DataFormat(items_pointer="/a/0/b~1c/d~0"), '{"a": [{"b/c": {"d~": [3]}}]}', [(None, 3)]),
        (DataFormat(items_pointer="/a"), '{"a": {"x": 1}}', [("x", 1)]),
        (DataFormat("JSONL"), '1\n\n  \n{"a": "x\u2028"}\r\n', [(None, 1), (None, {"a": "x\u2028"})]),
        (DataFormat("CSV", "|", ("a",)), "1|2\n", [(None, {"a": "1"})]),
    ],
)
def test_files_have_items(form, body, items):
    assert values(body, "data", form) == items
    packed = gzip.compress(body.encode()).decode("utf-8", "surrogateescape")
    assert values(packed, "data.json.gz", form) == items


NO_PATH = "The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure."


@pytest.mark.parametrize("pointer", ["/b", "/a/2", "/a/01", "/a/-", "/a/0/x", "a", "/a/1" + "0" * 5_000])
def test_a_pointer_that_leads_nowhere(pointer):
    with pytest.raises(ValueError, match=NO_PATH):
        pointed({"a": [1, 2]}, pointer)


@pytest.mark.parametrize(
    ("form", "name", "body", "cause"),
    [
        (DataFormat(), "f", "3", "Attempting to map over non-iterable node."),
        (DataFormat(), "f", "{", "The items cannot be parsed as JSON: "),
        (DataFormat(), "f", "[" * 100_000, "The items cannot be parsed as JSON: "),
        (DataFormat("JSONL"), "f", "{}\n{", "The items cannot be parsed as JSON: "),
        (DataFormat(), "f.gz", "[]", "The object f.gz cannot be decompressed: "),
    ],
)
def test_files_that_are_not_what_they_should_be(form, name, body, cause):
    with pytest.raises(ValueError, match=cause):
        file_items(body, name, form)


@pytest.mark.thorough  # its environment of tox has the extra `parquet`
@pytest.mark.parametrize("name", ["data.parquet", "data"])
def test_rows_of_parquet(name):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table({"n": [1, None], "s": ["a", "b"], "l": [[1.5], []]}), buffer)
    body = buffer.getvalue().decode("utf-8", "surrogateescape")

    assert values(body, name, DataFormat("PARQUET")) == [
        (None, {"n": 1, "s": "a", "l": [1.5]}),
        (None, {"n": None, "s": "b", "l": []}),
    ]
    with pytest.raises(ValueError, match="Parquet"):
        file_items("no parquet", name, DataFormat("PARQUET"))


@pytest.mark.thorough
def test_zstandard():
    pyarrow = pytest.importorskip("pyarrow")
    sink = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(b"[1]")
    body = sink.getvalue().to_pybytes().decode("utf-8", "surrogateescape")

    assert values(body, "data.json.zstd", DataFormat()) == [(None, 1)]
    with pytest.raises(ValueError, match=r"zstd|ZSTD"):
        file_items("[1]", "data.json.zst", DataFormat())


@pytest.mark.parametrize(
    "text",
    ['"' + "\n" * 400_000, 'a"b' * 200_001 + '"', " " * 200_000 + 'x"y' * 100_000, "a,b\n" * 100_000 + '"'],
)
def test_long_nonsense_is_read_in_time_that_grows_with_its_length(text):
    began = time.process_time()
    try:
        csv_items(text, ",", ("a",))
    except ValueError as error:
        cause = str(error)
        assert len(cause) < 200
    assert time.process_time() - began < 5  # a second at most, where minutes would be quadratic


NONSENSE = st.text(st.sampled_from('ab,;"\\\n\r\t {}[]:01.-\x00\ufeff\udc80\u2028'), max_size=40)


@settings(max_examples=300, deadline=None)
@given(
    body=NONSENSE,
    name=st.sampled_from(["f", "f.gz", "f.csv"]),
    kind=st.sampled_from(["CSV", "JSON", "JSONL"]),
    delimiter=st.sampled_from(",|; \t"),
    headers=st.none() | st.lists(st.text(max_size=2), min_size=1, max_size=3).map(tuple),
    pointer=st.sampled_from(["", "/a", "/0", "a"]),
)
def test_nonsense_has_items_or_a_cause(body, name, kind, delimiter, headers, pointer):
    try:
        items = file_items(body, name, DataFormat(kind, delimiter, headers, pointer))
    except ValueError:
        return
    json.dumps([entry.value for entry in items], allow_nan=False)
    if kind == "CSV" and headers is not None:
        assert all(set(entry.value) == set(headers) for entry in items)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.text('ab,"\n{} ', max_size=6), min_size=2, max_size=3), min_size=1, max_size=3))
def test_fields_in_quotations_come_back(table):
    quoted = [[field.replace('"', '""') for field in row] for row in table]
    text = "\n".join(",".join(f'"{field}"' for field in row) for row in quoted)
    assert rows(text) == table


def test_a_file_that_unpacks_to_more_than_the_bound_is_refused(monkeypatch):
    monkeypatch.setattr(documents, "MOST_UNPACKED", 1_000)
    assert len(documents.unpacked(gzip.compress(b"1" * 1_000), "a.gz")) == 1_000
    with pytest.raises(ValueError, match=r"a\.gz is larger than 256 MiB when decompressed"):
        documents.unpacked(gzip.compress(b"1" * 1_001), "a.gz")
