"""Paths, functions, choices and the flow of data through a state."""

import pytest
from states_support import FUNCTION, machine_of, run

from harness.states import Status
from harness.states.payload import Payload, read_json, to_text

INPUT = {"a": {"b": [1, 2, 3, 4]}, "s": "text", "n": None, "list": [{"k": 1, "t": "x"}, {"k": 2, "t": "y"}]}


def value(expression, payload=INPUT):
    """The value of a `.$` field."""
    execution = run(machine_of(("P", {"Type": "Pass", "Parameters": {"v.$": expression}})), payload)
    assert execution.status is Status.SUCCEEDED, execution.cause
    return execution.output.value["v"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.a.b[0]", 1),
        ("$.a.b[-1]", 4),
        ("$['a']['b']", [1, 2, 3, 4]),
        ("$.a.b[1:3]", [2, 3]),
        ("$.a.b[0:-1]", []),
        ("$.a.b[:-1]", [1, 2, 3]),
        ("$.a.b[-9:]", [1, 2, 3, 4]),
        ("$.a.b[0:3:2]", [1, 2, 3]),
        ("$.a.b[0,2]", [1, 3]),
        ("$.a.b[*]", [1, 2, 3, 4]),
        ("$..k", [1, 2]),
        ("$..b[0]", [1]),
        ("$.list[?(@.k > 1)].t", ["y"]),
        ("$.list[?(@.t == 'x' || @.k == 2)].k", [1, 2]),
        ("$.list[?(!(@.k == 1))].k", [2]),
        ("$.list[?(@.t =~ /X/i)].k", [1]),
        ("$.list[?(@.k in [2, 3])].k", [2]),
        ("$.list[?(@.missing)].k", []),
        ("$.list[?(@.k == $.a.b[1])].t", ["y"]),
        ("$.list[?(@.k)].k", [1, 2]),
        ("$.list[?(@.k == '2')].k", [2]),
        ("$.list[?(@.t size 1 && @.t contains 'x')].k", [1]),
        ("$.list[?(@.length() == 2)].k", [1, 2]),
        ("$.a[?(@.b)].b[0]", [1]),
        ("$.a[?(@.k)]", []),
        ("$['s','n','missing']", {"s": "text", "n": None}),
        ("$.list[*]['k','t']", [{"k": 1, "t": "x"}, {"k": 2, "t": "y"}]),
        ("$.a.b.length()", 4),
        ("$.a.keys()", ["b"]),
        ("$.nothing[*]", []),
        ("$$.Execution.Name", "x"),
        ("$$.State.Name", "P"),
    ],
)
def test_paths(path, expected):
    assert value(path) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("States.Format('{} is \\{{}\\}, it\\'s', $.s, 1)", "text is {1}, it's"),
        (
            "States.Array('a,b', 1.5, null, true, $.n, States.MathAdd(1, 2))",
            ["a,b", 1.5, None, True, None, 3],
        ),
        ("States.ArrayGetItem($.a.b, 1)", 2),
        ("States.ArrayUnique(States.Array(1, true, 1, 'a', 'a'))", [1, True, "a"]),
        ("States.ArrayContains($.a.b, 3)", True),
        ("States.ArrayContains($.a.b, 3.0)", False),
        ("States.ArrayContains(States.Array($.list[0]), $.list[0])", True),
        ("States.ArrayContains(States.Array(States.Array(1)), States.Array(true))", False),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayRange(3, 1, -1)", [3, 2, 1]),
        ("States.Base64Decode(States.Base64Encode('häh'))", "häh"),
        ("States.Hash('x', 'SHA-256')", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"),
        ("States.JsonMerge($.list[0], $.list[1], false)", {"k": 2, "t": "y"}),
        ("States.StringToJson(States.JsonToString($.a))", {"b": [1, 2, 3, 4]}),
        ("States.StringSplit('a.b,c', '.,')", ["a", "b", "c"]),
        ("States.MathRandom(1, 2)", 1),
    ],
)
def test_functions(call, expected):
    assert value(call) == expected


def test_uuids_differ_and_repeat():
    definition = machine_of(
        ("P", {"Type": "Pass", "Parameters": {"a.$": "States.UUID()", "b.$": "States.UUID()"}})
    )
    first = run(definition).output.value

    assert first["a"] != first["b"]
    assert run(definition).output.value == first
    assert run(definition, seed=1).output.value != first


@pytest.mark.parametrize(
    "call",
    [
        "States.ArrayGetItem($.a.b, 9)",
        "States.ArrayRange(0, 1000, 1)",
        "States.Hash('x', 'CRC')",
        "States.Format('{}')",
        "States.StringToJson('{')",
        "States.JsonMerge($.a, $.a, true)",
        "States.MathAdd('1', 2)",
    ],
)
def test_functions_with_wrong_arguments_fail_the_execution(call):
    execution = run(machine_of(("P", {"Type": "Pass", "Parameters": {"v.$": call}})), INPUT)

    assert execution.error == "States.IntrinsicFailure"


@pytest.mark.parametrize(
    ("rule", "payload", "holds"),
    [
        ({"StringEquals": "a"}, "a", True),
        ({"StringEquals": "a"}, 1, False),
        ({"StringLessThan": "b"}, "a", True),
        ({"StringGreaterThanEquals": "b"}, "a", False),
        ({"StringMatches": "log-*.txt"}, "log-2024.txt", True),
        ({"StringMatches": "a\\*"}, "a*", True),
        ({"StringMatches": "a\\*"}, "ab", False),
        ({"NumericEquals": 1}, 1.0, True),
        ({"NumericEquals": 1}, True, False),
        ({"NumericLessThanEquals": 2}, 2, True),
        ({"NumericGreaterThan": 2}, 2, False),
        ({"BooleanEquals": True}, True, True),
        ({"BooleanEquals": True}, 1, False),
        ({"TimestampEquals": "2024-01-01T00:00:00Z"}, "2024-01-01T01:00:00+01:00", True),
        ({"TimestampLessThan": "2024-01-01T00:00:00Z"}, "2023-12-31T23:59:59.999Z", True),
        ({"IsNull": True}, None, True),
        ({"IsNull": False}, None, False),
        ({"IsPresent": True}, None, True),
        ({"IsNumeric": True}, "1", False),
        ({"IsString": True}, "1", True),
        ({"IsBoolean": False}, "1", True),
        ({"IsTimestamp": True}, "2024-01-01T00:00:00Z", True),
        ({"IsTimestamp": True}, "2024-01-01", False),
        ({"StringEqualsPath": "$.other"}, "same", True),
        ({"NumericLessThanPath": "$.number"}, 6, True),
        ({"TimestampEqualsPath": "$.other"}, "2024-01-01T00:00:00Z", False),
    ],
)
def test_choice_operators(rule, payload, holds):
    definition = machine_of(
        ("C", {"Type": "Choice", "Choices": [{"Variable": "$.v", **rule, "Next": "Yes"}], "Default": "No"}),
        ("Yes", {"Type": "Pass", "Result": True, "End": True}),
        ("No", {"Type": "Pass", "Result": False, "End": True}),
    )

    assert run(definition, {"v": payload, "other": "same", "number": 7}).output.value is holds


def test_choices_combine():
    is_there = {"Variable": "$.v", "IsPresent": True}
    definition = machine_of(
        (
            "C",
            {
                "Type": "Choice",
                "Choices": [
                    {"And": [is_there, {"Variable": "$.v", "NumericEquals": 1}], "Next": "One"},
                    {"Or": [{"Not": is_there}, {"Variable": "$.v", "IsNull": True}], "Next": "None"},
                ],
            },
        ),
        ("One", {"Type": "Pass", "Result": "one", "End": True}),
        ("None", {"Type": "Pass", "Result": "none", "End": True}),
    )

    assert run(definition, {"v": 1}).output.value == "one"
    assert run(definition, {}).output.value == "none"
    assert run(definition, {"v": 2}).error == "States.Runtime"


def test_data_goes_through_all_fields_of_a_task():
    definition = machine_of(
        (
            "T",
            {
                "Type": "Task",
                "Resource": "arn:aws:lambda:eu-west-1:111111111111:function:work",
                "InputPath": "$.in",
                "Parameters": {"sent.$": "$.x"},
                "ResultSelector": {"kept.$": "$.sent"},
                "ResultPath": "$.deep.result",
                "OutputPath": "$.deep",
                "Assign": {"seen.$": "$.sent"},
            },
        ),
        ("P", {"Type": "Pass", "Parameters": {"all.$": "$", "seen.$": "$seen"}}),
    )
    execution = run(definition, {"in": {"x": 5}})

    assert execution.output.value == {"all": {"result": {"kept": 5}}, "seen": 5}


@pytest.mark.parametrize(
    ("state", "error", "field"),
    [
        (
            {
                "Type": "Task",
                "Resource": "arn:aws:lambda:eu-west-1:111111111111:function:work",
                "ResultSelector": {"kept.$": "$.selected"},
                "Assign": {"seen.$": "$.assigned"},
            },
            "States.Runtime",
            "$.assigned",
        ),
        (
            {"Type": "Pass", "ResultPath": "$.n.result", "Assign": {"seen.$": "$.assigned"}},
            "States.Runtime",
            "$.assigned",
        ),
        (
            {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Output": "{% $error('output') %}",
                "Assign": {"seen": "{% $error('assign') %}"},
            },
            "States.QueryEvaluationError",
            "output",
        ),
    ],
)
def test_assign_comes_before_the_result_is_placed_but_after_an_output(state, error, field):
    execution = run(machine_of(("S", state)), {"n": 1})

    assert execution.error == error
    assert field in execution.cause


def test_variables_of_a_branch_stay_in_it():
    inner = {"StartAt": "B", "States": {"B": {"Type": "Pass", "Assign": {"w": 2}, "Next": "C"}}}
    inner["States"]["C"] = {"Type": "Pass", "Parameters": {"v.$": "$v", "w.$": "$w"}, "End": True}
    states = [
        ("A", {"Type": "Pass", "Assign": {"v": 1}}),
        ("P", {"Type": "Parallel", "Branches": [inner]}),
        ("Z", {"Type": "Pass", "Parameters": {"inner.$": "$", "v.$": "$v"}}),
    ]
    assert run(machine_of(*states)).output.value == {"inner": [{"v": 1, "w": 2}], "v": 1}

    execution = run(machine_of(*states, ("Y", {"Type": "Pass", "Parameters": {"w.$": "$w"}})))
    assert "$w" in execution.cause


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$states.input.a.b[$ > 2]", [3, 4]),
        ("$states.input.n", None),
        ("$partition($states.input.a.b, 3)", [[1, 2, 3], [4]]),
        ("$range(0, 10, 5)", [0, 5, 10]),
        ("$range(-1.7, 2, 1)", [-1, 0, 1, 2]),
        ("$range(3, 3, 1)", 3),
        ("$now('[Y]')", "2025"),
        ("$hash('x', 'MD5')", "9dd4e461268c8034f5c8564e155c67a6"),
        ("$parse('{\"k\": null}')", {"k": None}),
        ("$states.context.Execution.Name", "x"),
        ("$now()", "2025-01-01T00:00:00.000Z"),
        ("$millis()", 1735689600000),
        ("$sum($states.input.list.k)", 3),
        ("$random() < 1", True),
        ("$random(5) = $random(5)", True),
        ("$length($uuid())", 36),
    ],
)
def test_jsonata(expression, expected):
    state = {"Type": "Pass", "Output": {"v": f"{{% {expression} %}}"}}
    execution = run(machine_of(("P", state), QueryLanguage="JSONata"), INPUT)

    assert execution.status is Status.SUCCEEDED, execution.cause
    assert execution.output.value == {"v": expected}


def test_a_jsonata_error_is_shown_where_it_happened():
    state = {"Type": "Pass", "Output": {"v": ["{% 1 + 'a' %}"]}}
    execution = run(machine_of(("P", state), QueryLanguage="JSONata"))
    failed = execution.history.events[2]

    assert failed.type == "EvaluationFailed"
    assert failed.details["location"] == "Output/v[0]"
    assert "threw an error during evaluation. T2002" in execution.cause


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("$states.input.nothing", "returned nothing (undefined)"),
        ("$hash($states.input.nothing, 'MD5')", "returned nothing (undefined)"),
        ("[$string]", "returned an unsupported result type."),
        ("$range(1, 2, 0)", "returned nothing (undefined)"),
        ("$eval('1')", "threw an error during evaluation. T1006"),
        ("1/0 + 1", "threw an error during evaluation. D1001: Number out of range: null"),
    ],
)
def test_jsonata_without_a_value_fails_the_state(expression, words):
    state = {"Type": "Pass", "Output": f"{{% {expression} %}}"}
    execution = run(machine_of(("P", state), QueryLanguage="JSONata"), INPUT)

    assert execution.error == "States.QueryEvaluationError"
    assert words in execution.cause


def test_a_jsonata_condition_must_be_a_boolean():
    state = {"Type": "Choice", "Choices": [{"Condition": "{% 1 %}", "Next": "Z"}]}
    execution = run(machine_of(("C", state), ("Z", {"Type": "Succeed"}), QueryLanguage="JSONata"))

    assert execution.error == "States.QueryEvaluationError"
    assert "Expected 'boolean', but was 'number' for value: 1" in execution.cause


def cause(expression, payload=INPUT):
    """The reason why a `.$` field cannot be computed."""
    execution = run(machine_of(("P", {"Type": "Pass", "Parameters": {"v.$": expression}})), payload)
    assert execution.error == "States.Runtime"
    return execution.cause.partition("(entered at the event id #2). ")[2]


@pytest.mark.parametrize("field", ["Error", "Cause"])
def test_the_error_of_a_fail_must_be_a_string(field):
    definition = machine_of(("F", {"Type": "Fail", field: "{% 5 %}"}), QueryLanguage="JSONata")
    execution = run(definition)

    assert execution.error == "States.QueryEvaluationError"
    assert execution.cause.endswith(
        f"The JSONata expression '5' specified for the field '{field}' returned an unexpected result type. "
        "Expected 'string', but was 'number' for value: 5"
    )


def test_credentials_that_are_no_object_fail_the_task():
    task = {"Type": "Task", "Resource": FUNCTION, "Credentials": "{% 'role' %}"}
    execution = run(machine_of(("T", task), QueryLanguage="JSONata"))

    assert (execution.error, execution.cause) == (
        "States.Runtime",
        "An error occurred while executing the state 'T' (entered at the event id #2). "
        "Credentials is not an object",
    )


def test_a_function_names_the_argument_that_is_not_there():
    call = "States.Format('{} {}', $.s, States.Array($.nope.k))"

    assert cause(call, {"s": 1}) == (
        f"The function '{call}' had the following error: "
        "The JsonPath argument for the field '$.nope.k' could not be found in the input '{\"s\":1}'"
    )
    assert "for the field '$.Nope' could not be found in the input '{}'" in cause("States.Array($$.Nope)", {})


def test_an_index_beyond_an_array_is_null_in_a_template_but_missing_for_a_function():
    assert value("$.a.b[9]") is None
    assert "The JsonPath argument for the field '$.a.b[9]' could not be found" in cause(
        "States.Array($.a.b[9])"
    )


def test_an_index_of_something_else_than_an_array():
    assert cause("States.Array($.s[0])").endswith(
        'Filter: [0] can only be applied to arrays. Current context is: "text"'
    )


def test_a_path_into_the_context_that_is_not_there_shows_the_context():
    assert (
        "'$$.Nope' specified for the field 'v.$' could not be found in the input '{\"Execution\":"
        in cause("$$.Nope")
    )


@pytest.mark.parametrize("call", ["sum", "min", "max", "avg", "stddev"])
def test_aggregates_find_no_number_on_aws(call):
    assert f"The JSONPath '$.a.b.{call}()' specified for the field 'v.$' could not be found" in cause(
        f"$.a.b.{call}()"
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [(1.0, "1.0"), (1e20, "1.0E20"), (1e-7, "1.0E-7"), (12345678.5, "1.23456785E7"), (-0.5, "-0.5")],
)
def test_format_writes_numbers_as_java_does(number, text):
    assert value("States.Format('{}', $.n)", {"n": number}) == text


def test_escapes_in_a_string_of_a_function():
    assert value(r"States.Format('a\'b \{\} {} \\', $.s)") == "a'b {} text \\"


@pytest.mark.parametrize("digits", ["1e999", "1" * 400 + ".0"])
def test_a_number_that_no_double_holds_is_a_text_once_it_is_computed(digits):
    given = Payload.parse(f'{{"a":{digits},"b":-{digits},"c":1.5e3}}')

    assert given.text == f'{{"a":{digits},"b":-{digits},"c":1.5e3}}'
    assert to_text(given.value) == '{"a":"Infinity","b":"-Infinity","c":1500.0}'
    assert read_json(to_text(given.value)) == given.value
