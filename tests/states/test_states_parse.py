"""Definitions that AWS rejects are rejected with its messages, all problems at once."""

import contextlib
import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from states_support import FUNCTION, machine_of

from harness.states import InvalidDefinition, parse
from harness.states.parse.allowed_fields import ALLOWED

END = {"Type": "Pass", "End": True}
LOOP = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}


def problems(definition):
    text = definition if isinstance(definition, str) else json.dumps(definition)
    with pytest.raises(InvalidDefinition) as raised:
        parse(text)
    return [str(problem) for problem in raised.value.problems]


def of(states, start="A", **fields):
    return {"StartAt": start, "States": states, **fields}


# Measured on AWS by others with ValidateStateMachineDefinition.
MEASURED = {
    "no end": (of(LOOP), ["MISSING_END_STATE: Workflow has no terminal state at null"]),
    "no end hides what is unreachable": (
        of({**LOOP, "C": {"Type": "Pass", "Next": "A"}}),
        ["MISSING_END_STATE: Workflow has no terminal state at null"],
    ),
    "unreachable end": (
        of({**LOOP, "C": END}),
        ['MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C'],
    ),
    "dangling target": (
        of({"A": {"Type": "Pass", "Next": "NOPE"}}),
        [
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next",
            "MISSING_END_STATE: Workflow has no terminal state at null",
        ],
    ),
    "dangling start": (
        of({"A": END}, start="Nope"),
        [
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: Nope at /StartAt",
            'MISSING_TRANSITION_TARGET: State "A" is not reachable. at /States/A',
        ],
    ),
    "dangling choice": (
        of(
            {
                "A": {
                    "Type": "Choice",
                    "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "G"}],
                    "Default": "H",
                },
                "Z": END,
            }
        ),
        [
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: G at /States/A/Choices[0]/Next",
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: H at /States/A/Default",
            'MISSING_TRANSITION_TARGET: State "Z" is not reachable. at /States/Z',
        ],
    ),
    "timeout of a Parallel": (
        of({"A": {"Type": "Parallel", "TimeoutSeconds": 5, "Branches": [of({"W": END}, "W")], "End": True}}),
        ["SCHEMA_VALIDATION_FAILED: Field 'TimeoutSeconds' is not supported at /States/A"],
    ),
    "unreachable in a branch": (
        of({"A": {"Type": "Parallel", "Branches": [of({"W": END, "G": END}, "W")], "End": True}}),
        ['MISSING_TRANSITION_TARGET: State "G" is not reachable. at /States/A/Branches[0]/States/G'],
    ),
    "JSONata field on a JSONPath state": (
        of({"A": {"Type": "Pass", "Output": 1, "End": True}}),
        [
            "SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONPath', but field 'Output' is only "
            "supported for the 'JSONata' QueryLanguage at /States/A"
        ],
    ),
    "a branch's language": (
        of(
            {
                "A": {
                    "Type": "Parallel",
                    "Branches": [of({"W": END}, "W", QueryLanguage="JSONata")],
                    "End": True,
                }
            }
        ),
        ["SCHEMA_VALIDATION_FAILED: Field 'QueryLanguage' is not supported at /States/A/Branches[0]"],
    ),
    "back to JSONPath": (
        of({"A": {**END, "QueryLanguage": "JSONPath"}}, QueryLanguage="JSONata"),
        [
            "SCHEMA_VALIDATION_FAILED: 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' "
            "for whole state machine at /States/A"
        ],
    ),
    "broken JSONata": (
        of({"A": {"Type": "Pass", "Output": "{% 1 + %}", "End": True}}, QueryLanguage="JSONata"),
        ["INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/A/Output"],
    ),
    "choice without Next": (
        of(
            {
                "A": {"Type": "Choice", "Choices": [{"Variable": "$", "StringMatches": "T"}], "Default": "Z"},
                "Z": END,
            }
        ),
        ["SCHEMA_VALIDATION_FAILED: These fields are required: [Next] at /States/A/Choices[0]"],
    ),
}


@pytest.mark.parametrize("name", MEASURED)
def test_problems_are_those_of_aws(name):
    definition, expected = MEASURED[name]

    assert problems(definition) == expected


def test_the_message_is_that_of_create_state_machine():
    with pytest.raises(InvalidDefinition) as raised:
        parse(json.dumps(of(LOOP)))

    expected = "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at null'"
    assert str(raised.value) == expected


def test_a_name_that_occurs_twice_is_refused_even_in_two_branches():
    branch = of({"W": END}, "W")
    found = problems(of({"A": {"Type": "Parallel", "Branches": [branch, branch], "End": True}}))

    assert found == ["DUPLICATE_STATE_NAME: Duplicate State name: W at /States/A/Branches[1]/States/W"]


def test_long_names_are_refused():
    name = "n" * 81

    assert problems(of({name: END}, name)) == [
        f"INVALID_STATE_NAME: State name '{name}' exceeds the 80-character limit allowed by the service "
        f"at /States/{name}"
    ]


@pytest.mark.parametrize("seconds", [-1, 100_000_000, 1.5, "1", True])
def test_a_wait_out_of_range_is_refused(seconds):
    (found,) = problems(of({"A": {"Type": "Wait", "Seconds": seconds, "End": True}}))

    assert found.endswith("at /States/A/Seconds")


def test_no_branches_are_refused():
    (found,) = problems(of({"A": {"Type": "Parallel", "Branches": [], "End": True}}))

    assert found.endswith("at /States/A/Branches")


@pytest.mark.parametrize(
    ("state", "location"),
    [
        ({"Type": "Pass", "Parameters": {"a": [{"b.$": "nonsense"}]}}, "/Parameters"),
        ({"Type": "Pass", "Parameters": {"b.$": "States.Nonsense()"}}, "/Parameters"),
        ({"Type": "Pass", "Parameters": {"b.$": "States.Format('x'"}}, "/Parameters"),
        ({"Type": "Pass", "ResultPath": "$.a[*]"}, "/ResultPath"),
        ({"Type": "Pass", "InputPath": "$.a["}, "/InputPath"),
        ({"Type": "Wait", "SecondsPath": "x"}, "/SecondsPath"),
        ({"Type": "Wait", "Timestamp": "2016-12-05"}, "/Timestamp"),
        ({"Type": "Wait"}, ""),
        ({"Type": "Task", "Resource": "work"}, "/Resource"),
        ({"Type": "Task"}, ""),
        ({"Type": "Task", "Resource": FUNCTION, "Retry": [{"ErrorEquals": []}]}, "/Retry[0]/ErrorEquals"),
        ({"Type": "Task", "Resource": FUNCTION, "TimeoutSeconds": 0}, "/TimeoutSeconds"),
        ({"Type": "Map"}, ""),
        ({"Type": "Nap"}, "/Type"),
        ({"Type": ["Pass"]}, "/Type"),
        ({"Type": "Pass", "Sleep": 1}, ""),
        ({"Type": "Map", "ItemReader": "x"}, "/ItemReader"),
        ({"Type": "Map", "ItemReader": None}, "/ItemReader"),
        ({"Type": "Map", "ItemReader": {"ReaderConfig": []}}, "/ItemReader/ReaderConfig"),
        ({"Type": "Map", "ResultWriter": {"WriterConfig": 1}}, "/ResultWriter/WriterConfig"),
        ({"Type": "Map", "ItemBatcher": 10}, "/ItemBatcher"),
        ({"Type": "Map", "ItemProcessor": {"ProcessorConfig": "INLINE"}}, "/ItemProcessor/ProcessorConfig"),
        ({"Type": "Choice", "Choices": [{"Not": None, "Next": "A"}]}, "/Choices[0]/Not"),
    ],
)
def test_problems_say_where(state, location):
    assert any(
        found.endswith(f" at /States/A{location}") for found in problems(of({"A": {**state, "End": True}}))
    )


@pytest.mark.parametrize(
    ("language", "state", "message"),
    [
        (
            "JSONata",
            {
                "Type": "Task",
                "Resource": FUNCTION,
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Z"}],
                "End": True,
            },
            "The QueryLanguage is set to 'JSONata', but field 'ResultPath' is only supported for the "
            "'JSONPath' QueryLanguage at /States/A/Catch[0]",
        ),
        (
            "JSONPath",
            {
                "Type": "Choice",
                "Choices": [{"Variable": "$.v", "IsNull": True, "Output": 1, "Next": "Z"}],
                "Default": "Z",
            },
            "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' "
            "QueryLanguage at /States/A/Choices[0]",
        ),
    ],
)
def test_entries_have_no_fields_of_the_other_query_language(language, state, message):
    found = problems(of({"A": state, "Z": END}, QueryLanguage=language))

    assert found == [f"SCHEMA_VALIDATION_FAILED: {message}"]


def test_all_problems_come_at_once():
    found = problems(
        of({"A": {"Type": "Pass", "X": 1, "Next": "B"}, "B": {"Type": "Wait", "Seconds": -1, "Next": "Q"}})
    )

    assert len(found) == 4


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "{}", '{"StartAt": "A", "States": {}}'])
def test_what_is_no_definition_is_refused(text):
    assert problems(text)


def test_a_definition_is_kept_as_text():
    text = machine_of(("A", {"Type": "Pass"}), TimeoutSeconds=5)

    machine = parse(text)
    assert machine.text == text
    assert machine.timeout_s == 5


# Fields with values that could be meant, and with ones that could not.
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 10**9),
        st.sampled_from(
            ["", "A", "$", "$.a[", "$$", "{% 1 + %}", "{% $states.input %}", "States.UUID()", "x"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(["a", "b.$", "StartAt", "States", "Next", "And", "ErrorEquals"]), inner
        ),
    ),
    max_leaves=5,
)
STATES = st.sampled_from(sorted(ALLOWED)).flatmap(
    lambda kind: st.dictionaries(st.sampled_from(sorted(ALLOWED[kind])), JSON, max_size=6).map(
        lambda fields: {**fields, "Type": kind}
    )
)


@settings(max_examples=300, deadline=None)
@given(STATES, st.sampled_from(["JSONPath", "JSONata"]))
def test_nonsense_is_refused_and_never_breaks_the_parser(state, language):
    definition = of({"A": state, "Z": END}, QueryLanguage=language)

    with contextlib.suppress(InvalidDefinition):
        parse(json.dumps(definition))


MEANT = of(
    {
        "A": {
            "Type": "Map",
            "ItemsPath": "$.a",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                **of(
                    {"I": {"Type": "Task", "Resource": FUNCTION, "Retry": [{"ErrorEquals": ["x"]}], **END}},
                    "I",
                ),
            },
            "Next": "C",
        },
        "C": {
            "Type": "Choice",
            "Choices": [
                {"And": [{"Variable": "$.x", "IsNull": True}], "Next": "P", "Assign": {"v.$": "$.x"}}
            ],
            "Default": "P",
        },
        "P": {
            "Type": "Parallel",
            "Branches": [of({"W": {"Type": "Wait", "Seconds": 1, "Next": "F"}, "F": {"Type": "Fail"}}, "W")],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "S"}],
            "End": True,
        },
        "S": {"Type": "Succeed"},
    }
)


def places(value, place=()):
    """Every place inside of a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*place, key)
        yield from places(each, (*place, key))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(list(places(MEANT))), JSON), min_size=1, max_size=3),
    st.integers(0, 200),
    st.booleans(),
)
def test_anything_in_any_place_is_refused_and_never_breaks_the_parser(changes, depth, express):
    definition = json.loads(json.dumps(MEANT))
    for (*way, last), value in changes:
        with contextlib.suppress(KeyError, IndexError, TypeError):
            inner = definition
            for key in way:
                inner = inner[key]
            for _ in range(depth):
                value = of({"x": {"Type": "Parallel", "Branches": [value], **END}}, "x")  # noqa: PLW2901
            inner[last] = value

    with contextlib.suppress(InvalidDefinition):
        parse(json.dumps(definition), express=express)


def test_the_package_starts_without_what_it_seldom_needs():
    seldom = "{'jlens', 'boto3', 'moto', 'botocore'}"
    script = f"import sys, harness.states; print(sorted({seldom} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("operator", "value", "wanted"),
    [
        ("StringEquals", 1, "STRING"),
        ("NumericLessThan", "1", "NUMBER"),
        ("NumericEquals", True, "NUMBER"),
        ("TimestampEquals", 1, "STRING"),
        ("BooleanEquals", "true", "BOOLEAN"),
        ("IsPresent", "yes", "BOOLEAN"),
    ],
)
def test_what_an_operator_compares_with_has_its_type(operator, value, wanted):
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.v", operator: value, "Next": "A"}],
        "Default": "A",
    }

    with pytest.raises(InvalidDefinition) as refused:
        parse(machine_of(("C", choice), ("A", {"Type": "Pass"})))

    (problem,) = refused.value.problems
    assert problem.message == f"Expected value of type [{wanted}]"
    assert problem.location == f"/States/C/Choices[0]/{operator}"


def test_what_reads_and_writes_items_is_no_task():
    (found,) = problems(of({"A": {"Type": "Task", "Resource": "arn:aws:states:::s3:getObject", "End": True}}))

    assert "The resource provided arn:aws:states:::s3:getObject is not recognized" in found


@pytest.mark.parametrize("field", ["Retry", "Catch"])
@pytest.mark.parametrize("names", [[["States.ALL", "E"]], [["States.ALL"], ["E"]]])
def test_all_errors_are_the_last_entrys_only_name(field, names):
    def states(each_names):
        entries = [{"ErrorEquals": each} | ({"Next": "Z"} if field == "Catch" else {}) for each in each_names]
        return {"A": {"Type": "Task", "Resource": FUNCTION, field: entries, "Next": "Z"}, "Z": END}

    parse(json.dumps(of(states([["E"], ["States.ALL"]]))))
    (found,) = problems(of(states(names)))
    assert "States.ALL must appear alone and at end of list" in found
    assert found.endswith(f" at /States/A/{field}[0]/ErrorEquals[0]")


def test_a_heartbeat_is_shorter_than_the_timeout():
    task = {"Type": "Task", "Resource": FUNCTION, "End": True, "TimeoutSeconds": 5}

    parse(json.dumps(of({"A": {**task, "HeartbeatSeconds": 4}})))
    (found,) = problems(of({"A": {**task, "HeartbeatSeconds": 5}}))
    assert found.endswith(" at /States/A/HeartbeatSeconds")


def of_jsonata(output):
    return of({"A": {"Type": "Pass", "Output": {"list": [output]}, "End": True}}, QueryLanguage="JSONata")


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("phone", "'phone'"),
        ("phone.home", "'phone'"),
        ("$states.input.a & phone", "'phone'"),
        ("{'a': phone}", "'phone'"),
        ("[1, -phone]", "'phone'"),
        ("$map($states.input.a, function($x){ phone })", "'phone'"),
        ("($y := phone; $y)", "'phone'"),
        ("$states.input.a ? 1 : phone", "'phone'"),
        ("$$", "'$$'"),
        ("$states.input.items[$ = $$.a]", "'$$'"),
        ("$uppercase(phone)", "'phone'"),
        ("$parse(phone)", "'phone'"),
        ("$f(phone)", "'phone'"),
        ("phone ~> $count()", "'phone'"),
        ("`a b`.c", "'a b'"),
        ("'x'.c", "'x'"),
        ("phone ~> |a|{}|", "'phone'"),
    ],
)
def test_a_reference_to_a_context_item_is_refused(expression, name):
    (found,) = problems(of_jsonata("{% " + expression + " %}"))

    assert found.startswith(f"UNSUPPORTED_JSONATA_EXPRESSION: Reference to {name}")
    assert found.endswith(" at /States/A/Output/list[0]")


@pytest.mark.parametrize(
    "expression",
    [
        "$states.input.items[value > 3]",
        "$states.input.(foo)",
        "$states.input.a^(>b)",
        "$states.input{k: v}",
        "$x[0].b",
        "$map($states.input.a, function($x){ $x.b })",
        "$states.input.a@$i.$states.input.b@$o[$o.id = $i.id].{'x': $o.v}",
        "$states.input ~> |items|{'a': k}|",
        "$v.a.(b ? c : d)",
        "$v#$i[$i < 2].a",
        "$parse($v.a).b",
        "$foo($v).a",
        "$lookup($, 'x')",
    ],
)
def test_names_in_later_steps_are_those_of_the_items(expression):
    parse(json.dumps(of_jsonata("{% " + expression + " %}")))


def test_a_broken_expression_says_where():
    (found,) = problems(of_jsonata("{% a[1,2) %}"))

    assert found.startswith("INVALID_JSONATA_EXPRESSION: ")
    assert found.endswith(" at /States/A/Output/list[0]")


def test_a_definition_that_is_nested_too_deeply_is_refused():
    with pytest.raises(InvalidDefinition, match="INVALID_JSON_DESCRIPTION: the text is nested too deeply"):
        parse("[" * 100_000)
