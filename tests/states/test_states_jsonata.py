"""JSONata's values and words: those of jsonata-js 2.0.6, and AWS's where they were measured to differ."""

import json

import pytest
from states_support import FUNCTION, machine_of, run

from harness.states import InvalidDefinition, Status, parse

INPUT = {
    "id": 5890840712243077,
    "nulls": {"a": None},
    "items": [{"k": "b", "n": 2}, {"k": "a", "n": 1}, {"k": "c", "n": 2}],
    "nested": [[1, 2], [3, [4, 5]], []],
    "one": [{"a": 1}],
    "deep": {"b": {"c": 1, "d": 2}, "d": "x"},
}


def execute(expression, **state):
    output = {"Type": "Pass", "Output": {"v": f"{{% {expression} %}}"}, **state}
    return run(machine_of(("P", output), QueryLanguage="JSONata"), INPUT)


def said(expression):
    """The text after the field name in the cause of the failure."""
    execution = execute(expression)
    assert execution.error == "States.QueryEvaluationError"
    return execution.cause.partition("specified for the field 'Output/v' ")[2]


VALUES = {
    # Numbers and their texts.
    "7.5 % 2": 1.5,
    "-7 % 3": -1,
    "'id-' & $states.input.id": "id-5890840712243077",
    "$states.input.id": 5890840712243077,
    "$string(1e20)": "100000000000000000000",
    "$string(1e21)": "1e+21",
    "$string(123456789012345680000)": "123456789012345680000",
    "0.1 + 0.2 & ''": "0.3",
    "1e-7 & ''": "1e-7",
    "$string(1/3)": "0.333333333333333",
    "[1/0]": ["Infinity"],
    "-1/0": "-Infinity",
    "{'k': 1e308 * 10}": {"k": "Infinity"},
    "$map([0, 2], function($n){ 4 / ($n /* a divisor */) })": ["Infinity", 2],
    "5 % 0": "NaN",
    "$round(2.5)": 2,
    "$round(12345, -2)": 12300,
    "$number('0b11')": 3,
    "$number('0o17')": 15,
    "$number('0x1F')": 31,
    "$formatNumber(-1234.567, '#,##0.00')": "-1,234.57",
    "$formatNumber(0.5, '#0%')": "50%",
    "$formatInteger(1999, 'I')": "MCMXCIX",
    "$formatInteger(21, 'Ww;o')": "Twenty-First",
    # Nothing and null are two.
    "$count($states.input.nulls.a)": 1,
    "$count($states.input.nulls.b)": 0,
    "$states.input.nulls ~> |$|{'b': 1}|": {"a": None, "b": 1},
    "$exists($states.input.nulls.a)": True,
    "[$states.input.nulls.a]": [None],
    "{'a': $states.input.nulls.b}": {},
    "$type($states.input.nulls.a)": "null",
    # Sequences.
    "$states.input.items[n = 1].k": "a",
    "$states.input.items[n = 1].k[]": ["a"],
    "$states.input.nested[0][0]": 1,
    "$states.input.nested.$": [1, 2, 3, [4, 5]],
    "$states.input.one": [{"a": 1}],
    "$states.input.items.k ~> $join('-')": "b-a-c",
    "$states.input.items#$i.{'i': $i, 'k': k}": [
        {"i": 0, "k": "b"},
        {"i": 1, "k": "a"},
        {"i": 2, "k": "c"},
    ],
    "$states.input.deep.b.c.%.%.d": "x",
    "$states.input.**.c": 1,
    "$states.input.items^(n, >k).k": ["a", "c", "b"],
    "$states.input.items{$string(n): k}": {"2": ["b", "c"], "1": "a"},
    "$sort([{'k':1,'v':'x'},{'k':1,'v':'y'}], function($l,$r){$l.k > $r.k}).v": ["x", "y"],
    "($f := $substring(?, 0, ?); $f('hello', 2))": "he",
    "λ($t, $n)<s?n?:s>{ $t }('a')": "a",
    # Texts and patterns.
    r"$replace('a1', /([a-z])(\d)/, function($m){$m.groups[1] & $m.groups[0]})": "1a",
    "$replace('abab', /B/i, 'x', 1)": "axab",
    "$split('a1b2c', /[0-9]/, 2)": ["a", "b"],
    "$match('foo 12', /([0-9])([0-9])/)": {"match": "12", "index": 4, "groups": ["1", "2"]},
    "$substring('hello', -3, 2)": "ll",
    "$pad('x', -4, '-+')": "-+-x",
    "$base64decode('aGVsbG8')": "hello",
    # Time is the machine's.
    "$toMillis('2018-02')": 1517443200000,
    "$toMillis('13:45', '[H]:[m]')": 1735739100000,
    "$fromMillis(0, '[FNn], [D1o] [MNn] [Y]')": "Thursday, 1st January 1970",
    "$fromMillis(1531310400123, '[Y0001]-[M01]-[D01]T[H01]:[m01][Z]', '+0530')": "2018-07-11T17:30+05:30",
    "$now('[Y]-[M01]')": "2025-01",
    "$millis() = $toMillis($now())": True,
    # AWS's functions.
    "$random(42)": 0.7275636800328681,
    "$random(42.9)": 0.7275636800328681,
    "[$parse('null')]": [None],
    "$parse('[5]')": [5],
    "$partition([1, null, 3], 2)": [[1, None], [3]],
    "$hash({'a': 1}, 'SHA-1') = $hash('{\"a\":1}', 'SHA-1')": True,
    "$exists($partition([], 1))": False,
    "$map(['1', '[2]'], $parse)": [1, [2]],
}


@pytest.mark.parametrize("expression", VALUES)
def test_value(expression):
    execution = execute(expression)

    assert execution.status is Status.SUCCEEDED, execution.cause
    assert execution.output.value == {"v": VALUES[expression]}


WORDS = {
    "1 + 'a'": 'T2002: The right side of the "+" operator must evaluate to a number',
    "'a' - 1": 'T2001: The left side of the "-" operator must evaluate to a number',
    "1 < 'a'": 'T2009: The values 1 and "a" either side of operator "<" must be of the same data type',
    "true < 1": (
        'T2010: The expressions either side of operator "<" must evaluate to numeric or string values'
    ),
    "-'a'": 'D1002: Cannot negate a non-numeric value: "a"',
    "1/0 + 1": "D1001: Number out of range: null",
    "$string(1/0)": "D3001: Attempting to invoke string function on Infinity or NaN",
    "[1..'a']": "T2004: The right side of the range operator (..) must evaluate to an integer",
    "$sum(['a'])": 'T0412: Argument 1 of function "sum" must be an array of "numbers"',
    "$length(1)": 'T0410: Argument 1 of function "length" does not match function signature',
    "$length('a', 'b')": 'T0410: Argument 2 of function "length" does not match function signature',
    "$number('12abc')": 'D3030: Unable to cast value to a number: "12abc"',
    "$number('1_0')": 'D3030: Unable to cast value to a number: "1_0"',
    "$number(' 5 ')": 'D3030: Unable to cast value to a number: " 5 "',
    "$number('.5')": 'D3030: Unable to cast value to a number: ".5"',
    "$number('+5')": 'D3030: Unable to cast value to a number: "+5"',
    "$sort([1, 'a'])": (
        "D3070: The single argument form of the sort function can only be applied to an array of strings or "
        "an array of numbers.  Use the second argument to specify a comparison function"
    ),
    "$toMillis('2018-02-03 11:15:33')": (
        "D3110: The argument of the toMillis function must be an ISO 8601 formatted timestamp. "
        'Given "2018-02-03 11:15:33"'
    ),
    "$formatNumber(1, 'x')": (
        "D3086: The sub-picture must not contain a passive character that is preceded by an active character "
        "and that is followed by another active character"
    ),
    "$sqrt(-2)": "D3060: The sqrt function cannot be applied to a negative number: -2",
    "$formatBase(1, 37)": (
        "D3100: The radix of the formatBase function must be between 2 and 36.  It was given 37"
    ),
    "$power(100, 1000)": (
        "D3061: The power function has resulted in a value that cannot be represented as a JSON number: "
        "base=100, exponent=1000"
    ),
    "$single([1, 2])": (
        "D3138: The $single() function expected exactly 1 matching result.  Instead it matched more."
    ),
    "$error('boom')": "D3137: boom",
    "$assert(false)": "D3141: $assert() statement failed",
    "$foo(1)": "T1006: Attempted to invoke a non-function",
    "$eval('1')": "T1006: Attempted to invoke a non-function",
    "5 ~> 'a'": "T2006: The right side of the function application operator ~> must be a function",
    "$partition([1], -1)": 'T0410: Argument 2 of function "partition" does not match function signature',
    "$partition('a', 1)": 'T0410: Argument 1 of function "partition" does not match function signature',
    "$range(1, 'a', 1)": 'T0410: Argument 2 of function "range" does not match function signature',
    "$uuid(1)": 'T0410: Argument 1 of function "uuid" does not match function signature',
    "$hash('a', 'MD4')": 'T0410: Argument 2 of function "hash" does not match function signature',
}


@pytest.mark.parametrize("expression", WORDS)
def test_words_of_an_error(expression):
    assert said(expression) == f"threw an error during evaluation. {WORDS[expression]}"


@pytest.mark.parametrize("expression", ["$base64decode('!!!')", "$parse('{')"])
def test_a_text_that_cannot_be_read_fails_the_state(expression):
    assert said(expression).startswith("threw an error during evaluation: ")


@pytest.mark.parametrize(
    "expression",
    [
        "$sum",
        "function($x){ $x }",
        "[$string]",
        "{'a': [function($x){ $x }]}",
        "$substring(?, 1)",
        "($f := $sum; $f)",
    ],
)
def test_a_function_is_no_result(expression):
    assert said(expression) == "returned an unsupported result type."


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$states.input.id", 1234567890123456789),
        (
            "'id-' & $states.input.id & '/' & $string($states.input.id)",
            "id-1234567890123456789/1234567890123456789",
        ),
        ("$parse($states.input.text).id", 9223372036854775807),
        ("$parse('9223372036854775808')", 9223372036854776000),
        ("$states.input.others", [1234567890123456701, 1234567890123456702]),
        ("-$states.input.small", -9007199254740993),
        ("$states.input.id > 5", True),
        ("$states.input.large", 12345678901234567000),
        ("{'a': [$v.b]}", {"a": [7234567890123456789]}),
    ],
)
def test_whole_numbers_of_the_data_keep_their_digits(expression, value):
    data = {
        "id": 1234567890123456789,
        "others": [1234567890123456701, 1234567890123456702],
        "small": 9007199254740993,
        "large": 12345678901234567890,
        "text": '{"id": 9223372036854775807}',
    }
    first = {"Type": "Pass", "Assign": {"v": {"b": 7234567890123456789}}, "Output": "{% $states.input %}"}
    definition = machine_of(
        ("A", first),
        ("P", {"Type": "Pass", "Output": {"v": f"{{% {expression} %}}"}}),
        QueryLanguage="JSONata",
    )
    execution = run(definition, data)

    assert execution.output.value == {"v": value}, execution.cause


@pytest.mark.parametrize(
    ("expression", "value"), [("$count + 1", 6), ("$sum.a", 3), ("$v ~> $string()", "1")]
)
def test_a_variable_hides_a_function_of_its_name(expression, value):
    definition = machine_of(
        ("A", {"Type": "Pass", "Assign": {"count": 5, "sum": {"a": 3}, "v": 1}}),
        ("P", {"Type": "Pass", "Output": {"v": f"{{% {expression} %}}"}}),
        QueryLanguage="JSONata",
    )
    execution = run(definition)

    assert execution.status is Status.SUCCEEDED, execution.cause
    assert execution.output.value == {"v": value}


def test_chance_repeats_and_differs():
    expression = "[$random(), $random(), $uuid(), $shuffle([1..20])]"
    first, second = execute(expression), execute(expression)
    one, other, *_ = first.output.value["v"]

    assert first.output.value == second.output.value
    assert one != other


def test_half_a_surrogate_pair_is_no_error_of_python():
    found = problems({"Type": "Pass", "Output": "{% '\ud83d' %}"})

    assert found == [
        "INVALID_JSONATA_EXPRESSION: The expression contains an unpaired surrogate, which is not a valid "
        "character at /States/A/Output"
    ]


def problems(state, **states):
    try:
        parse(
            json.dumps(
                {
                    "QueryLanguage": "JSONata",
                    "StartAt": "A",
                    "States": {"A": {"End": True, **state}, **states},
                }
            )
        )
    except InvalidDefinition as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("$a ?? 1", 'The symbol "?" cannot be used as a unary operator'),
        ("??", 'The symbol "?" cannot be used as a unary operator'),
        ("[1][0]?:2", 'The symbol ":" cannot be used as a unary operator'),
        ("6 / 2 ?? 1 / 3", 'The symbol "?" cannot be used as a unary operator'),
        ("$f(function($x){ $x ?: 1 })", 'The symbol ":" cannot be used as a unary operator'),
        ("1 +", "Unexpected end of expression"),
        ("1 2", "Syntax error: 2"),
        ("[1,2)", 'Expected "]", got ")"'),
        ("'open", "String literal must be terminated by a matching quote"),
        ("/abc", "No terminating / in regular expression"),
        ("{'a':}", 'The symbol "}" cannot be used as a unary operator'),
    ],
)
def test_what_is_not_jsonata_is_refused(expression, words):
    found = problems({"Type": "Pass", "Output": f"{{% {expression} %}}"})

    assert found == [f"INVALID_JSONATA_EXPRESSION: {words} at /States/A/Output"]


@pytest.mark.parametrize(
    "expression",
    [
        "'??' & \"?:\"",
        "$contains('a', /??|(?:a)/) /* ?: */",
        "$states.input.`??`",
        "$a ? /* ?? */ 1 : 2",
        "4 / 2 > 1 ? '?:' : 1",
        "function($x)<s?:s>{ $x }('a')",
        "$contains('/', /[?]/) ? 1 : 2",
        '"\\"??"',
    ],
)
def test_signs_that_are_no_operators_are_taken(expression):
    assert problems({"Type": "Pass", "Output": f"{{% {expression} %}}"}) == []


TASK = {"Type": "Task", "Resource": FUNCTION}
WORKFLOW = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
RESULT = "{% $states.result.a %}"
ERROR = "{% $states.errorOutput.Error %}"
OTHER = {"Z": {"Type": "Succeed"}}
CATCH = {"ErrorEquals": ["States.ALL"], "Next": "Z"}


@pytest.mark.parametrize(
    ("state", "place"),
    [
        ({"Type": "Pass", "Output": RESULT}, "Output"),
        ({"Type": "Pass", "Assign": {"a": RESULT}}, "Assign/a"),
        ({"Type": "Succeed", "Output": RESULT}, "Output"),
        ({"Type": "Wait", "Seconds": RESULT}, "Seconds"),
        ({**TASK, "Arguments": {"a": RESULT}}, "Arguments/a"),
        ({**TASK, "TimeoutSeconds": RESULT}, "TimeoutSeconds"),
        ({**TASK, "Output": ERROR}, "Output"),
        ({**TASK, "Assign": {"a": [ERROR]}}, "Assign/a[0]"),
        ({**TASK, "Catch": [{**CATCH, "Output": RESULT}]}, "Catch[0]/Output"),
        ({"Type": "Map", "ItemProcessor": WORKFLOW, "Items": RESULT}, "Items"),
        ({"Type": "Map", "ItemProcessor": WORKFLOW, "ItemSelector": ERROR}, "ItemSelector"),
        ({"Type": "Parallel", "Branches": [WORKFLOW], "Arguments": RESULT}, "Arguments"),
    ],
)
def test_a_field_of_states_that_is_not_there_is_refused(state, place):
    known = OTHER if "Catch" in state else {}
    if state["Type"] == "Succeed":
        state = {**state, "End": True}
    found = [each for each in problems(state, **known) if each.startswith("UNSUPPORTED")]

    (refused,) = found
    assert refused.startswith("UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$states.")
    assert refused.endswith(f" at /States/A/{place}")


@pytest.mark.parametrize(
    "state",
    [
        {**TASK, "Output": RESULT, "Assign": {"a": RESULT}},
        {"Type": "Map", "ItemProcessor": WORKFLOW, "Output": RESULT, "Assign": {"a": RESULT}},
        {"Type": "Parallel", "Branches": [WORKFLOW], "Output": RESULT},
        {**TASK, "Catch": [{**CATCH, "Output": ERROR, "Assign": {"e": ERROR}}]},
        {"Type": "Pass", "Output": "{% $states %}"},
        {"Type": "Pass", "Output": "{% '$states.result' & $states.input.errorOutput %}"},
    ],
)
def test_a_field_of_states_that_is_there_is_taken(state):
    assert problems(state, **(OTHER if "Catch" in state else {})) == []


@pytest.mark.parametrize("text", [" {% 1 + %} ", "{ % 1 %}", "% 1 %", "{%", "a {% 1 %} b", ""])
def test_a_text_that_is_no_expression_is_a_constant_or_refused(text):
    state = {"Type": "Pass", "Output": {"v": text}}
    marked = text.startswith("{%") or text.endswith("%}")
    found = problems(state)

    if marked:
        assert len(found) == 1
        assert found[0].startswith("SCHEMA_VALIDATION_FAILED: JSONata string must start with ")
    else:
        assert run(machine_of(("P", state), QueryLanguage="JSONata")).output.value == {"v": text}
