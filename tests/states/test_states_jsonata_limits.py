"""No JSONata expression holds an engine, and none shows Python's own words."""

import json
import random
import re
import threading
import time

import pytest
from states_support import machine_of, run

from harness.states.query.jsonata import engine, time_limit

STACK = (
    "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive"
)
MEMORY = "Expression evaluation memory limit exceeded: Check for excessive memory usage"
TIMEOUT = "Expression evaluation timeout: Check for infinite loop"

DOUBLED = "($p := function($s, $n) {{ $n = 0 ? $s : $p($s & $s, $n - 1) }}; $length($p('x', {})))"
FACTORIAL = "($f := function($n){{ $n <= 1 ? 1 : $n * $f($n - 1) }}; $f({}))"

MOST_S = 4.0  # of processor time, which others make dearer: they share its caches
DISTINCT = [1, {"b": 0, "a": None}, True, {"b": 1, "a": None}]
INPUT = {
    "a": [1, 2.5, "x", None, True, {"b": [1, [2, [3]]]}, []],
    "t": "The quick (brown) fox",
    "n": None,
    "id": 5890840712243077,
    "items": [{"k": key, "n": at} for at, key in enumerate("bacab")],
}


def outcome(expression, payload=None):
    """Return the value of a state with this expression, or its cause."""
    state = {"Type": "Pass", "Output": {"v": f"{{% {expression} %}}"}}
    execution = run(machine_of(("P", state), QueryLanguage="JSONata"), INPUT if payload is None else payload)
    if execution.error is None:
        return execution.output.value["v"]
    assert execution.error in ("States.QueryEvaluationError", "States.DataLimitExceeded"), execution.cause
    return execution.cause


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("($f := function(){$f()}; $f())", TIMEOUT),
        ("($f := function($n){1 + $f($n)}; $f(1))", STACK),
        ("+".join(["1"] * 200), STACK),
        (FACTORIAL.format(60), STACK),
        ("[1..900000] ~> $count()", MEMORY),
        ("$sum([1..900000])", MEMORY),
        ("[1..873783] ~> $count()", MEMORY),
        (DOUBLED.format(23), MEMORY),
        ("$pad('x', 9000000)", MEMORY),
        ("$range(0, 360145, 1)", MEMORY),
        ("$map([1..800000], function($v){ $v * $v })", TIMEOUT),
        (r"$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)", TIMEOUT),
        ("[1..2000000] ~> $count()", MEMORY),
    ],
)
def test_an_expression_without_an_end_fails_the_state(expression, words):
    began = time.process_time()
    cause = outcome(expression)

    assert cause.endswith(f"specified for the field 'Output/v' threw an error during evaluation: {words}")
    assert time.process_time() - began < MOST_S


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("+".join(["1"] * 100), 100),
        (FACTORIAL.format(20), 2432902008176640000),
        ("[1..873782] ~> $count()", 873782),
        (DOUBLED.format(22), 4194304),
        ("($f := function($n, $s){ $n = 0 ? $s : $f($n - 1, $s + $n) }; $f(20000, 0))", 200010000),
        ("$count($range(1, 360145, 1))", 360145),
        ("$count($distinct([1..100000]))", 100000),
        ("$distinct([1..5000].(($ % 3 = 0) ? true : ($ % 3 = 1) ? 1 : {'b': $ % 2, 'a': null}))", DISTINCT),
        ("$distinct($append([null, 1.0, '1', [1], [1.0]], [1..5000].(1)))", [None, 1, "1", [1]]),
        ("$count($distinct([1..20].($random()))) & ($distinct([1..3000]) ~> $count())", "203000"),
    ],
)
def test_what_aws_evaluates_is_evaluated(expression, value):
    assert outcome(expression) == value


def test_a_value_that_is_nested_too_deeply_fails_the_state():
    cause = outcome("$reduce([1..3000], function($a, $b){ {'a': $a} })")

    assert "Expression evaluation memory limit exceeded" in cause


SLOW = "$sum([1..30].($count($distinct([1..300]))))"  # about 0.03 s of processor time, of 0.5


@pytest.mark.parametrize("draws", ["$random()", "$uuid()"])
def test_a_wall_clock_that_runs_faster_decides_nothing(monkeypatch, draws):
    expression = f"[{draws}, {SLOW}, {draws}]"
    expected = outcome(expression)
    assert expected[1] == 30 * 300
    monkeypatch.setattr(time_limit, "_FIRST_WAIT", 0.001)
    begun = []
    limited = time_limit.limited
    evaluate_once = engine._evaluate_once

    def counted(*arguments):
        begun.append(arguments)
        return evaluate_once(*arguments)

    monkeypatch.setattr(engine, "_evaluate_once", counted)
    assert limited is engine.limited

    assert outcome(expression) == expected
    assert len(begun) > 4


def test_an_evaluation_that_took_too_long_fails_although_it_ended():
    def evaluate(_):
        ends = time.thread_time() + 0.02
        while time.thread_time() < ends:
            pass

    with pytest.raises(time_limit.TimeIsUp):
        time_limit.limited(evaluate, 0.01)


def test_other_threads_run_while_an_expression_does():
    spun = threading.Event()
    done = threading.Event()
    counts = []

    def count():
        spun.set()
        while not done.is_set():
            counts.append(None)
            done.wait(0.001)

    other = threading.Thread(target=count)
    other.start()
    spun.wait()
    before = len(counts)
    outcome(r"$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)")
    during = len(counts) - before
    done.set()
    other.join()

    assert during > 10


FUNCTIONS = re.findall(
    r"\S+",
    "string length substring substringBefore substringAfter uppercase lowercase trim pad contains split join "
    "match replace base64encode base64decode encodeUrl decodeUrl number abs floor ceil round power sqrt "
    "formatNumber formatBase formatInteger parseInteger sum max min average boolean not exists count append "
    "sort reverse shuffle distinct zip keys lookup spread merge sift each error assert type fromMillis "
    "toMillis map filter single reduce now millis random partition range hash parse uuid eval nothing",
)
OPERATORS = re.findall(r"\S+", "+ - * / % & = != < <= > >= and or in ~> . .. ? : := ^( # @ | [ ( { ?? ?:")
ATOMS = re.findall(
    r"/\* c \*/|\S+",
    "1 0 -1 0.5 1e308 9007199254740993 'a' '' 'abc' true false null [] {} $states $states.input "
    "$states.input.a $states.input.items $states.input.id $states.context $none $ * ** % /a+/ /(a|b)*c/i "
    "function($x){$x} function($a,$b){$a>$b} '[Y]-[M]' '#0.00' [1..5] [5..1] {'a':1} ? $sum `a` "
    "\"q\\u00e9\" '\\ud83d' /* c */",
)


def random_expression(chance, depth=0):
    """Build an expression, which need not be one of JSONata's."""
    kind = chance.randrange(12 if depth < 4 else 3)
    if kind < 3:
        return chance.choice(ATOMS)
    inner = [random_expression(chance, depth + 1) for _ in range(chance.randrange(4))]
    one = random_expression(chance, depth + 1)
    if kind < 7:
        return f"${chance.choice(FUNCTIONS)}({', '.join(inner)})"
    if kind < 9:
        return f"({one} {chance.choice(OPERATORS)} {random_expression(chance, depth + 1)})"
    shapes = (
        "[{}]",
        "$map([1..1000], function($x){{ {} }})",
        "($f := function($x){{ {} }}; $f(1))",
        "({0})[{0}]",
        "{{'a': {0}, 'b': {0}}}",
        "({0}).({0})",
        "({})^(>$)",
        "({0} ? {0} : {0})",
        "$states.input ~> |$|{{'z': {}}}|",
        "({}) {{",
        "$reduce([1..50], function($a, $b){{ [$a, {}] }})",
    )
    return chance.choice(shapes).format(one)


PYTHON_WORDS = ("Traceback", "object at 0x", "NoneType", "argument must be", "unsupported operand", "Error(")


def check_random_expressions(seed, count):
    """Evaluate expressions; gives how long the slowest took, in seconds."""
    chance = random.Random(seed)
    slowest = 0.0
    for _ in range(count):
        expression = random_expression(chance)
        began = time.process_time()
        try:
            found = outcome(expression)
        except ValueError as refused:  # InvalidDefinition: no expression of JSONata's
            found = str(refused)
            assert "_JSONATA_EXPRESSION" in found, expression
        slowest = max(slowest, time.process_time() - began)
        assert slowest < MOST_S, expression
        assert not any(word in json.dumps(found) for word in PYTHON_WORDS), (expression, found)
    return slowest


@pytest.mark.parametrize("seed", range(3))
def test_any_expression_ends_with_a_value_or_jsonatas_words(seed):
    assert check_random_expressions(seed, 100) < MOST_S


def test_an_expression_that_cannot_be_asked_about_has_its_value():
    expression = "/(a|b)*c/#$q[(null ? 1 : null)]"

    assert "Python" not in str(outcome(expression))
