"""All possible errors in a file, with their exact text."""

from pathlib import Path
from textwrap import dedent

import pytest
from scenario_samples import EXPECTATIONS, parse

from harness.scenario.load import load
from harness.scenario.position import ScenarioError

PER_RUN = [each.key for each in EXPECTATIONS if each.per_run]
OVERALL = [each.key for each in EXPECTATIONS if not each.per_run]


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        parse(dedent(text).removeprefix("\n"), Path("a.yaml"))
    return list(map(str, error.value.problems))


def wrong(text: str) -> list[str]:
    """The problems of a scenario of which only the part in `text` is given; it begins in line 3."""
    expect = "" if "expect:" in text else "\nexpect: {messages: []}"
    return problems("title: t\ntags: []\n" + dedent(text).strip("\n") + expect)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a.yaml:1:1: the file is empty; begin with a title: and expect:"),
        ("# nothing\n", "a.yaml:1:1: the file is empty; begin with a title: and expect:"),
        ("- a\n", 'a.yaml:1:1: a scenario must be a mapping, found ["a"]; begin with title: and expect:'),
        ("title\n", "a.yaml:1:1: a scenario must be a mapping, found 'title'; begin with title: and expect:"),
        (
            "title: x\nseed:\n\t- a\n",
            "a.yaml:3:1: tabs cannot be used for indentation or separation in YAML; use spaces",
        ),
        (
            "title: a: b\n",
            "a.yaml:1:9: invalid YAML: mapping values are not allowed here; "
            "quote text that has ': ' in it, or correct the indentation",
        ),
        (
            "title: @b\n",
            "a.yaml:1:8: invalid YAML: found character '@' that cannot start any token "
            "(while scanning for the next token); quote text that begins with this character",
        ),
        (
            "title: [a\n",
            "a.yaml:2:1: invalid YAML: expected ',' or ']', but got '<stream end>' "
            "(while parsing a flow sequence); close the open bracket",
        ),
        (
            "title: 'a\n",
            "a.yaml:2:1: invalid YAML: found unexpected end of stream "
            "(while scanning a quoted scalar); close the quote that begins at this position",
        ),
        (
            "title: x\n---\ntitle: y\n",
            "a.yaml:2:1: a second document begins at this position; write one scenario per file, without ---",
        ),
        ("title: *a\n", "a.yaml:1:8: undefined alias 'a'; define the anchor with &name before it"),
        (
            "title: a\x01\n",
            'a.yaml:1:9: this character is not allowed in YAML; write it as an escape: "\\x01"',
        ),
    ],
)
def test_a_file_that_is_no_yaml_mapping(text, problem):
    assert problems(text) == [problem]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "faults: []\nfaults: []",
            "a.yaml:4:1: duplicate key 'faults', already used on line 3; remove one of the two",
        ),
        ("run: {input: !x 5}", "a.yaml:3:14: the tag !x is not supported; remove it"),
        ("run: {input: .inf}", "a.yaml:3:14: .inf is not a valid JSON number; quote it to make it text"),
        ("run: {input: {[a]: 1}}", "a.yaml:3:15: a key must be text, not a list or mapping; quote it"),
        (
            "run: {input: &x [*x]}",
            "a.yaml:3:14: the alias *x is inside the value that it repeats; write the value out",
        ),
        (
            "sed: {}",
            "a.yaml:3:1: unknown key 'sed'; did you mean 'seed'? "
            "known: title, tags, description, stack, seed, faults, durations, answers, tasks, calls, hosts, "
            "run, expect",
        ),
        (
            "expect:\n  messages:\n    - {text: a}",
            "a.yaml:5:8: unknown key 'text' in expect.messages[0]; known: topic, subject, body, count",
        ),
        (
            "expect: {}",
            f"a.yaml:3:9: this entry is empty; add at least one of {', '.join((*PER_RUN, *OVERALL))}, runs",
        ),
        ("description: 5", 'a.yaml:3:14: description: expected text, found 5; write it in quotes: "5"'),
        (
            "description: true",
            'a.yaml:3:14: description: expected text, found true; write it in quotes: "true"',
        ),
        (
            "faults: {}",
            "a.yaml:3:9: faults: expected a list, found {}; put it in [ ] or begin each entry with a hyphen",
        ),
        ("seed:", "a.yaml:3:1: seed: expected a mapping, found nothing; write {} or remove the key"),
        ("seed: {buckets: 5}", "a.yaml:3:17: buckets: expected a mapping, found 5; write key: value pairs"),
        ("run: []", "a.yaml:3:6: run is empty; add at least one"),
        (
            "run: {timeout: 30}",
            "a.yaml:3:16: 30 is not a valid time; write a number and a unit, such as 500 ms, 30 s, 5 min or "
            "2 h",
        ),
        (
            "run: {timeout: 3 sec}",
            "a.yaml:3:16: unknown unit 'sec' in '3 sec'; the units are ms, s, min, h",
        ),
        (
            "run: [{name: a b}]",
            "a.yaml:3:14: invalid run name 'a b'; use up to 40 letters, digits, hyphens and underscores",
        ),
        ("run: [{name: a}, {name: a}]", "a.yaml:3:25: an earlier run has the same name 'a'; rename one"),
        ("run: [{name: run-2}, {}]", "a.yaml:3:22: an earlier run has the same name 'run-2'; rename one"),
        ("stack: {parameters: {A: []}}", "a.yaml:3:25: A: expected text, found []"),
    ],
)
def test_the_file_as_a_whole(text, problem):
    assert wrong(text) == [problem]


def test_a_misspelt_key_is_not_said_to_be_missing_too():
    assert problems("titel: a\nexpect: {messages: []}") == [
        "a.yaml:1:1: unknown key 'titel'; did you mean 'title'? "
        "known: title, tags, description, stack, seed, faults, durations, answers, tasks, calls, hosts, run, "
        "expect"
    ]


def test_what_is_missing():
    assert problems("tags: []") == [
        "a.yaml:1:1: 'expect' is missing; add it: the expectations after the run",
        "a.yaml:1:1: 'title' is missing; add it: a description in one sentence",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('title: ""', "a.yaml:1:8: a title must be a single line; describe the scenario in one sentence"),
        (
            "title: t\ntags: [a-b]",
            "a.yaml:2:8: 'a-b' is not a valid tag; use letters, digits and underscores, not beginning with "
            "a digit",
        ),
    ],
)
def test_title_and_tags(text, problem):
    assert problems(text + "\nexpect: {messages: []}") == [problem]


def objects(entries: str) -> list[str]:
    """The problems of a bucket's objects; they begin in line 3, column 37."""
    return wrong(f"seed: {{buckets: {{photos: {{objects: [{entries}]}}}}}}")


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        (
            "{key: a, size: 5 XB}",
            "a.yaml:3:52: unknown unit 'XB' in '5 XB'; "
            "the units are B, kB, MB, GB, TB, PB, KiB, MiB, GiB, TiB, PiB",
        ),
        ("{key: a, size: -1}", "a.yaml:3:52: invalid size -1; write 0 or more bytes"),
        (
            "{key: a, size: 51 TiB}",
            "a.yaml:3:52: an object of 51 TiB is too large; "
            "the S3 limit for one object is 50 TB (10,000 parts of 5 GiB)",
        ),
        (
            "{key: a}",
            "a.yaml:3:37: the object 'a' has neither size nor body; "
            "add one of them, or json, jsonl, csv or file",
        ),
        (
            "{size: 1}",
            "a.yaml:3:37: 'key' is missing in seed.buckets.photos.objects[0]; "
            "add it: its key, up to 1,024 UTF-8 bytes. `{n}` or `{n:05}` counts from 1 to `count`",
        ),
        (
            "{key: '', size: 1}",
            "a.yaml:3:43: an object key cannot be empty; use 1 to 1,024 bytes of UTF-8",
        ),
        (
            "{key: " + "é" * 513 + ", size: 1}",
            f"a.yaml:3:43: the key '{'é' * 24}...' is 1,026 bytes long in UTF-8; S3 allows 1,024",
        ),
        ("{key: 2019, size: 1}", 'a.yaml:3:43: key: expected text, found 2019; write it in quotes: "2019"'),
        (
            "{key: a, body: hello, size: 4}",
            "a.yaml:3:65: size is 4 bytes, but the body has 5; remove the size",
        ),
        (
            "{key: a, size: 1}, {key: a, size: 2}",
            "a.yaml:3:62: the bucket 'photos' already has an object 'a'; remove one",
        ),
        (
            "{key: 'a{n}', count: 9, size: 1}, {key: a7, size: 2}",
            "a.yaml:3:77: the bucket 'photos' already has an object 'a7'; remove one",
        ),
        (
            "{key: 'a{n}', size: 1}",
            "a.yaml:3:43: 'a{n}' has a counter but no count; add count: with the number of names",
        ),
        (
            "{key: a, count: 3, size: 1}",
            "a.yaml:3:46: count is given, but the key 'a' has no counter; "
            "add {n} or {n:03} to it, or remove the count",
        ),
        (
            "{key: 'a{n:3}', count: 3, size: 1}",
            "a.yaml:3:43: {n:3} in 'a{n:3}' is not a valid counter; "
            "write {n}, or {n:05} for five digits with leading zeros",
        ),
        ("{key: 'a{n}', count: 0, size: 1}", "a.yaml:3:58: count: invalid value 0; write 1 or more"),
        (
            "{key: 'a{n}', count: many, size: 1}",
            "a.yaml:3:58: count: expected a whole number, found 'many'; write digits only",
        ),
        (
            "{key: 'a{n}', count: '3', size: 1}",
            "a.yaml:3:58: count: expected a whole number, found '3'; write it without quotes or unit",
        ),
        ("cat.jpg", "a.yaml:3:37: objects: expected a mapping, found 'cat.jpg'; write key: value pairs"),
    ],
)
def test_objects(entries, problem):
    assert objects(entries) == [problem]


@pytest.mark.parametrize(
    ("buckets", "problem"),
    [
        (
            "Photos: {}",
            "a.yaml:5:5: S3 rejects the bucket name 'Photos': 'P' is not allowed; "
            "use lower-case letters a-z, digits, dots and hyphens",
        ),
        ("photos:", "a.yaml:5:5: photos: expected a mapping, found nothing; write {} or remove the key"),
        (
            '"bucket-{n}": {}',
            "a.yaml:5:5: 'bucket-{n}' has a counter but no count; add count: with the number of names",
        ),
        (
            "photos: {count: 2}",
            "a.yaml:5:14: count is given, but the name 'photos' has no counter; "
            "add {n} or {n:03} to it, or remove the count",
        ),
        (
            '"bucket-{n}": {count: 1000001}',
            "a.yaml:5:27: count: invalid value 1000001; write at most 1,000,000",
        ),
        (
            '"a-{n:02}": {count: 9}\n    a-07: {}',
            "a.yaml:6:5: the bucket 'a-07' is seeded twice; remove one, or change a count",
        ),
        (
            '"a-{n}": {count: 20}\n    "a-{n:02}": {count: 12}',
            "a.yaml:6:5: the bucket 'a-10' is seeded twice; remove one, or change a count",
        ),
    ],
)
def test_buckets(buckets, problem):
    assert wrong(f"seed:\n  buckets:\n    {buckets}") == [problem]


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (
            "call: ListObjects, error: X",
            "a.yaml:3:17: 'ListObjects' is not an AWS call; "
            "write service:Operation, such as s3:ListObjectsV2",
        ),
        (
            "call: 's3:listObjects', error: X",
            "a.yaml:3:17: 's3:listObjects' is not an AWS call; "
            "write service:Operation, such as s3:ListObjectsV2",
        ),
        (
            "call: 's3:GetObject'",
            "a.yaml:3:10: the fault has no effect; for a call, add one of error, cut, delay, partial or "
            "stale",
        ),
        ("call: 's3:GetObject', error: ''", "a.yaml:3:40: error is empty; add text"),
        (
            "call: 's3:GetObject', cut: after, params: {Bucket: photo}",
            "a.yaml:3:62: the fault refers to the bucket 'photo', which is not seeded; "
            "did you mean 'photos'? seeded: photos",
        ),
    ],
)
def test_faults(fault, problem):
    assert wrong(f"faults: [{{{fault}}}]\nseed: {{buckets: {{photos: {{}}}}}}") == [problem]


@pytest.mark.parametrize(
    ("expectation", "problem"),
    [
        (
            "execution: {status: SUCCEDED}",
            "a.yaml:5:23: unknown status 'SUCCEDED'; did you mean 'SUCCEEDED'? "
            "known: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE",
        ),
        (
            "execution: {}",
            "a.yaml:5:14: this entry is empty; add at least one of status, error, cause, output",
        ),
        (
            "path:",
            "a.yaml:5:3: path has no value; add a value or remove the key",
        ),
        (
            "execution: {output: null}",
            "a.yaml:5:23: output has no value; add a value or remove the key",
        ),
        (
            "execution: {error: 5}",
            "a.yaml:5:22: error: expected text, or a mapping with equals, contains, matches or not, found 5",
        ),
        (
            "execution: {error: {contains: 5}}",
            "a.yaml:5:33: expected text or a list of strings; "
            "write text in quotes, or several strings in [ ]",
        ),
        ("execution: {error: {contains: []}}", "a.yaml:5:33: contains is empty; add at least one"),
        (
            "execution: {error: {matches: '('}}",
            "a.yaml:5:32: invalid regular expression '(' "
            "(missing ), unterminated subpattern at position 0); "
            "correct it, or use contains, which matches text literally",
        ),
        ("path: [A, 5]", "a.yaml:5:13: path: expected a state's name, or a mapping with repeat, found 5"),
        ("path: [{repeat: []}]", "a.yaml:5:19: repeat is empty; add at least one"),
        ("calls: [{order: [s3:ListBuckets]}]", "a.yaml:5:19: order has too few; add at least 2"),
        ("calls: [{order: []}]", "a.yaml:5:19: order is empty; add at least 2"),
        ("path: [{repeat: [A], min: 3, max: 2}]", "a.yaml:5:10: max 2 is less than min 3; exchange them"),
        (
            "path: [{repaet: [A]}]",
            "a.yaml:5:11: unknown key 'repaet' in expect.path[0]; did you mean 'repeat'? "
            "known: repeat, min, max",
        ),
        (
            "aggregates: {photos: {jpg: [1, 2]}}",
            "a.yaml:5:25: 'jpg' is not an extension; "
            "write '.jpg', or (none), (folder), (other) for objects without an extension",
        ),
        (
            "aggregates: {photos: {.a: [1]}}",
            "a.yaml:5:29: .a: expected [object_count, total_bytes], found [1]",
        ),
        (
            "aggregates: {photos: {.a: [1, 2, 3]}}",
            "a.yaml:5:29: .a: expected [object_count, total_bytes], found [1, 2, 3]",
        ),
        (
            "aggregates: {photos: {.a: [x, 2]}}",
            "a.yaml:5:30: .a: expected a whole number, found 'x'; write digits only",
        ),
        (
            "aggregates: {photos: {.a: [1, 2 XB]}}",
            "a.yaml:5:33: unknown unit 'XB' in '2 XB'; "
            "the units are B, kB, MB, GB, TB, PB, KiB, MiB, GiB, TiB, PiB",
        ),
        (
            "aggregates: {photo: {}}",
            "a.yaml:5:16: the bucket 'photo' is not seeded; did you mean 'photos'? seeded: photos, b-{n:02}",
        ),
        (
            "aggregates: {'b-{n:02}': {count: 13}}",
            "a.yaml:5:16: the bucket 'b-13' is not seeded; seeded: photos, b-{n:02}",
        ),
        (
            "aggregates: {'b-{n:02}': {.a: [1, 2]}}",
            "a.yaml:5:16: 'b-{n:02}' has a counter but no count; add count: with the number of names",
        ),
        (
            "aggregates: {'b-{n:02}': {count: 12}, b-03: {}}",
            "a.yaml:5:41: the bucket 'b-03' is expected twice; remove one, or change a count",
        ),
        (
            "bucket_status: {photos: FINE}",
            "a.yaml:5:27: unknown status 'FINE'; known: COUNTED, DENIED, DELETED, FAILED",
        ),
        (
            "bucket_status: {photos: {reason: a}}",
            "a.yaml:5:19: 'status' is missing in expect.bucket_status.photos; add it: the result",
        ),
        (
            "bucket_status: {other: DENIED}",
            "a.yaml:5:19: the bucket 'other' is not seeded; seeded: photos, b-{n:02}",
        ),
        (
            "messages: {subject: a}",
            "a.yaml:5:13: messages: expected a list, found a mapping; "
            "put it in [ ] or begin each entry with a hyphen",
        ),
        ("messages: [{count: -1}]", "a.yaml:5:22: count: invalid value -1; write 0 or more"),
        (
            "machines: {}",
            "a.yaml:5:3: 'left' is missing in expect.machines; add it: the state machines that still exist "
            "after the run",
        ),
        ("machines: {left: {}}", "a.yaml:5:20: this entry is empty; add at least one of names, count"),
        (
            "invocations: {F: two}",
            "a.yaml:5:20: F: expected a whole number, or a mapping with min and max, found 'two'",
        ),
        ("invocations: {F: -1}", "a.yaml:5:20: F: invalid value -1; write 0 or more"),
        (
            "invocations: {/Orders: 1}",
            "a.yaml:5:17: '/Orders' is not a logical ID in a template; "
            "use the resource's name in the template",
        ),
        (
            "invocations: {list objects: 1}",
            "a.yaml:5:17: 'list objects' is not a logical ID in a template; "
            "use the resource's name in the template",
        ),
        (
            "logs: {F: 5}",
            "a.yaml:5:13: F: expected text, or a mapping with equals, contains, matches or not, found 5",
        ),
        ("items: {T: {}}", "a.yaml:5:14: this entry is empty; add at least one of count, contain, exact"),
        (
            "items: {T: 3}",
            "a.yaml:5:14: T: expected a mapping with count, contain or exact, found 3; "
            "write key: value pairs",
        ),
        ("runs: {second: {path: [A]}}", "a.yaml:5:10: unknown run 'second'; runs: run-1"),
        (
            "runs: {run-1: {}}",
            f"a.yaml:5:17: this entry is empty; add at least one of {', '.join(PER_RUN)}",
        ),
        (
            "runs: {run-1: {aggregates: {other: {}}}}",
            "a.yaml:5:31: the bucket 'other' is not seeded; seeded: photos, b-{n:02}",
        ),
    ],
)
def test_expectations(expectation, problem):
    seed = "seed: {buckets: {photos: {}, 'b-{n:02}': {count: 12}}}"
    assert wrong(f"{seed}\nexpect:\n  {expectation}") == [problem]


def test_an_expectation_without_any_seed():
    assert wrong("expect: {aggregates: {photos: {}}}") == [
        "a.yaml:3:23: the bucket 'photos' is not seeded; seeded: none"
    ]


def test_all_problems_of_a_file_come_at_once_in_the_order_of_the_file():
    assert problems("""
        title: 5
        seed:
          buckets:
            Photos: {objects: [{key: a, size: 5 XB}]}
            attic: {}
            attic: {}
        run: [{name: a}, {name: a}]
        expect:
          execution: {status: GOOD}
          aggregates: {photos: {}}
          runs: {b: {path: [5]}}
        """) == [
        'a.yaml:1:8: title: expected text, found 5; write it in quotes: "5"',
        "a.yaml:4:5: S3 rejects the bucket name 'Photos': 'P' is not allowed; "
        "use lower-case letters a-z, digits, dots and hyphens",
        "a.yaml:4:39: unknown unit 'XB' in '5 XB'; "
        "the units are B, kB, MB, GB, TB, PB, KiB, MiB, GiB, TiB, PiB",
        "a.yaml:6:5: duplicate key 'attic', already used on line 5; remove one of the two",
        "a.yaml:7:25: an earlier run has the same name 'a'; rename one",
        "a.yaml:9:23: unknown status 'GOOD'; "
        "known: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE",
        "a.yaml:10:16: the bucket 'photos' is not seeded; did you mean 'Photos'? seeded: Photos, attic",
        "a.yaml:11:10: unknown run 'b'; runs: a",
        "a.yaml:11:21: path: expected a state's name, or a mapping with repeat, found 5",
    ]


def test_all_problems_of_several_files_come_at_once(tmp_path):
    files = {name: tmp_path / name for name in ("a.yaml", "b.yaml", "good.yaml", "c.yaml", "missing.yaml")}
    files["a.yaml"].write_text("title: a\n")
    files["b.yaml"].write_text("")
    files["good.yaml"].write_text("title: a\nexpect: {messages: []}\n")
    files["c.yaml"].write_bytes(b"title: a\ndescription: \xe9\n")
    with pytest.raises(ScenarioError) as error:
        load(files.values(), EXPECTATIONS)
    assert list(map(str, error.value.problems)) == [
        f"{files['a.yaml']}:1:1: 'expect' is missing; add it: the expectations after the run",
        f"{files['b.yaml']}:1:1: the file is empty; begin with a title: and expect:",
        f"{files['c.yaml']}:2:14: this byte is not UTF-8; save the file as UTF-8",
        f"{files['missing.yaml']}:1:1: the file cannot be read (No such file or directory); correct the path",
    ]
