"""The model loaded from a file, and the locations of its parts."""

import pickle
from pathlib import Path
from textwrap import dedent

import pytest
from scenario_samples import EXPECTATIONS, parse

from harness.scenario.position import Position

PATH = Path("scenarios/a.yaml")
TEXT = dedent("""\
    title: A title
    seed:
      buckets:
        photos: {objects: [{key: cat.jpg, size: 1}]}
        "b-{n}": {count: 2}
    run:
      - {name: first}
      - {at: 2 s, timeout: 5 min}
    expect:
      path: [A, {repeat: [B]}]
      aggregates:
        photos:
          .jpg: [1, 2 MiB]
          .5: [2, 0]
        "b-{n}": {count: 2, extensions: {.on: [1, 1]}}
      messages:
        - subject: equal
          body: {contains: part, not: {matches: "^x"}}
      machines: {left: [{matches: "^m"}]}
      invocations: {F: 2, G: {min: 1}}
      runs: {run-2: {aggregates: {}}}
    """)


@pytest.fixture(scope="module")
def scenario():
    return parse(TEXT, PATH)


@pytest.mark.parametrize(
    ("key_path", "of", "line", "column"),
    [
        ((), "key", 1, 1),
        (("title",), "key", 1, 1),
        (("title",), "value", 1, 8),
        (("seed", "buckets", "photos"), "key", 4, 5),
        (("seed", "buckets", "photos", "objects", 0, "size"), "value", 4, 45),
        (("run", 1, "timeout"), "key", 8, 15),
        (("expect", "path", 1), "key", 10, 13),
        (("expect", "aggregates", "photos", ".jpg"), "key", 13, 7),
        (("expect", "aggregates", "photos", ".jpg", 1), "value", 13, 17),
        (("expect", "messages", 0, "body", "not"), "key", 18, 30),
        # What the file does not have: the nearest entry around it.
        (("expect", "aggregates", "photos", ".gif"), "key", 12, 5),
        (("expect", "messages", 0, "subject", "equals"), "key", 17, 7),
        (("expect", "aggregates", "photos", "extensions", ".jpg"), "key", 13, 7),
        (("faults",), "key", 1, 1),
    ],
)
def test_positions(scenario, key_path, of, line, column):
    assert scenario.position(*key_path, of=of) == Position(PATH, line, column)


def test_an_excerpt_has_the_lines_around_a_position(scenario):
    where = scenario.position("expect", "aggregates", "photos", ".jpg")
    assert list(scenario.excerpt(where, before=1, after=1)) == [
        (12, "    photos:"),
        (13, "      .jpg: [1, 2 MiB]"),
        (14, "      .5: [2, 0]"),
    ]
    assert next(scenario.excerpt(Position(PATH, 1), before=5)) == (1, "title: A title")


def test_runs_have_names_and_times(scenario):
    assert [(run.name, run.at_s, run.timeout_s, run.input) for run in scenario.runs] == [
        ("first", None, 60, {}),
        ("run-2", 2, 300, {}),
    ]


def test_one_run_is_a_tuple_of_one():
    assert [run.name for run in parse("title: t\nexpect: {messages: []}").runs] == ["run-1"]
    (run,) = parse("title: t\nrun: {input: [1]}\nexpect: {messages: []}").runs
    assert (run.name, run.input) == ("run-1", [1])


def test_short_forms_are_made_long(scenario):
    written = scenario.expect.written
    steps = [(step.repeat, step.min, step.max) for step in written("path")]
    assert steps == [(("A",), 1, 1), (("B",), 0, None)]
    assert written("aggregates")["photos"].extensions == {".jpg": (1, 2 * 1024**2), ".5": (2, 0)}
    assert written("aggregates")["b-{n}"].count == 2
    (message,) = written("messages")
    assert message.subject.equals == "equal"
    assert message.body.contains == ("part",)
    assert message.body.not_.matches == "^x"
    assert not message.body.has_equals
    assert [2 in count for count in written("invocations").values()] == [True, True]
    assert [3 in count for count in written("invocations").values()] == [False, True]


def test_what_is_expected_of_a_run(scenario):
    assert scenario.expected("aggregates", "run-2") == (("expect", "runs", "run-2", "aggregates"), {})
    assert scenario.expected("aggregates", "first") == (
        ("expect", "aggregates"),
        scenario.expect.written("aggregates"),
    )
    assert scenario.expected("execution", "first") is None


def test_without_its_expectations_it_can_be_sent_to_another_process(scenario):
    sent = pickle.loads(pickle.dumps(scenario.without_expectations()))
    assert (sent.title, sent.runs, sent.seed, sent.source) == (
        scenario.title,
        scenario.runs,
        scenario.seed,
        scenario.source,
    )
    assert sent.position("run", 1) == scenario.position("run", 1)
    assert [sent.expected(key, "run-2") for key in ("aggregates", "path")] == [None, None]


@pytest.mark.parametrize(
    ("written", "value", "has_equals"),
    [
        ("{a: 1}", {"a": 1}, True),
        ("{equals: null}", None, True),
        ("{}", {}, True),
        ("{equals: {contains: 1}}", {"contains": 1}, True),
        ("{contains: a}", None, False),
    ],
)
def test_an_output_is_json_or_a_matcher(written, value, has_equals):
    output = (
        parse(f"title: t\nexpect: {{execution: {{output: {written}}}}}").expect.written("execution").output
    )
    assert (output.equals, output.has_equals) == (value, has_equals)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("012", 12),
        ("0x1f", 31),
        ("12:30", "12:30"),
        ("2019-01-01", "2019-01-01"),
        ("1e3", 1000.0),
        ("~", None),
        ('"5"', "5"),
        ("{1: a, null: b}", {"1": "a", "null": "b"}),
    ],
)
def test_values_are_those_of_yaml_1_2_and_keys_are_text(written, value):
    (run,) = parse(f"title: t\nrun: {{input: {written}}}\nexpect: {{messages: []}}").runs
    assert run.input == value
    assert type(run.input) is type(value)


def test_parameters_are_text():
    (stack,) = parse("title: t\nstack: {parameters: {A: 1, B: true, C: x}}\nexpect: {messages: []}").stacks
    assert stack.parameters == {"A": "1", "B": "true", "C": "x"}


def test_one_stack_or_several():
    one = parse("title: t\nstack: {template: a.yaml}\nexpect: {messages: []}")
    two = parse("title: t\nstack: [{template: a.yaml}, {template: b.yaml, name: b}]\nexpect: {messages: []}")
    assert [stack.template for stack in one.stacks] == ["a.yaml"]
    assert [(stack.template, stack.name) for stack in two.stacks] == [("a.yaml", ""), ("b.yaml", "b")]
    assert one.stack_position(0, "template", of="value").column == 19
    assert two.stack_position(1, "name", of="value").column == 54


@pytest.mark.parametrize("name", ["Orders", "shop.Orders", "my-shop.Orders", "Orders/Handler", "A b/c-d/e_f"])
def test_names_of_resources(name):
    scenario = parse(f"title: t\nrun: {{state_machine: {name}}}\nexpect: {{messages: []}}")
    assert scenario.runs[0].state_machine == name


@pytest.mark.parametrize(("name", "meant"), [("shop.Count", "shop.Count"), ("count-all", "CountAll")])
def test_names_of_functions(name, meant):
    entries = f"tasks: [{{function: {name}, result: 1}}]\nfaults: [{{function: {name}, ends: exit}}]"
    scenario = parse(f"title: t\n{entries}\nexpect: {{messages: []}}")
    assert {scenario.tasks[0].function, scenario.faults[0].function} == {meant}


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    from harness.scenario.load import load

    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xef\xbb\xbftitle: t\nexpect: {messages: []}\n")
    (scenario,) = load([file], EXPECTATIONS)
    assert (scenario.title, scenario.path) == ("t", file)
