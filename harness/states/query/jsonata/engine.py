"""JSONata 2.0.6 as AWS runs it: the jlens library, with AWS's limits and error messages.

Each expression is subject to AWS's limits on depth and memory, and to a limit on the number of steps. All
three limits are deterministic. Some work does not count towards the steps, for example a regular expression
that backtracks endlessly. A limit on processor time stops such work. Other threads continue to run during the
evaluation.

The library is imported when the first expression is compiled, so JSONPath machines start without it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from .functions import DISTINCT, MEMORY_LIMIT, NAMES, FunctionFailed, distinct
from .time_limit import LIMIT_S, TimeIsUp, limited
from .tokens import FUNCTION, Token, in_context, later_operator, later_sign, tokens

if TYPE_CHECKING:
    from jlens import Expression, JlensError

MAX_DEPTH: Final = 100
"""Maximum evaluation depth. According to third-party measurements on AWS, five kinds of nesting reach the
limit at depths of 99 to 101.
"""
_MAX_NUMBERS: Final = 873_782  # in one array; measured on AWS by third parties
# AWS accepts a string of 2^22 characters and rejects one of 2^23 (also measured by third parties).
_MAX_BYTES: Final = 8 * _MAX_NUMBERS
MAX_STEPS: Final = 3_000_000
# in an array; the library's $distinct compares all pairs, which is fast up to this size
_FEW_ITEMS: Final = 2_000
_LARGEST_CHECKED: Final = 1_000_000  # characters; the output of a state is always smaller

_STACK_OVERFLOW: Final = (
    "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive"
)
_TIMEOUT: Final = "Expression evaluation timeout: Check for infinite loop"
_TIME_OVER: Final = "D1012"
_TOO_LARGE: Final = "U1001"
_LIMITS: Final = {
    "D1011": _STACK_OVERFLOW,
    "D2016": MEMORY_LIMIT,
    _TOO_LARGE: MEMORY_LIMIT,
    "U1006": _TIMEOUT,
}
_SEQUENCE_TOO_LONG: Final = "D2014"
_OUT_OF_RANGE: Final = "D1001"
_ARITHMETIC: Final = frozenset("+-*/")
_QUOTIENT: Final = "harness_quotient"
_INFINITE: Final = ("Infinity", "-Infinity", "NaN")


class InvalidSyntax(ValueError):
    """The text is not JSONata 2.0.6. The message is jsonata-js's, without the error code."""


class EvaluationFailed(Exception):
    """An evaluation failed. The message follows `threw an error during evaluation`."""


def _nothing(*_: object) -> None:
    return None


class World(NamedTuple):
    """The inputs to an evaluation.

    Attributes:
        bindings: values and functions, by variable name.
        millis: the time that `$now` and `$millis` return, in milliseconds since 1970.
        seed: the seed for `$shuffle`.
        root: the root item (`$`) as JSON; None in states, where expressions have no root item.
        begin: called before each evaluation to reset the random functions, so that a repeated evaluation gets
            the same values.
    """

    bindings: dict[str, object]
    millis: int
    seed: int = 0
    root: str | None = None
    begin: Callable[[], None] = _nothing


class Program:
    """A compiled expression.

    Attributes:
        words: its tokens.
        reads_root: the root item's fields that it reads: `{"phone": True}`, True for all, None for none.
        reads: the variables that it reads, in the same format: `{"states": {"input": True}, "v": True}`.
    """

    __slots__ = ("_checks", "_expression", "_names_functions", "_text", "reads", "reads_root", "words")

    def __init__(self, text: str) -> None:
        """Compile the expression. Raises InvalidSyntax."""
        import jlens  # noqa: PLC0415 - few machines need it

        self._text: Final = text
        try:
            self._expression: Final = jlens.Expression(text)
        except jlens.JlensError as error:
            later = later_sign(error.token or "")
            raise InvalidSyntax(_unary(later) if later else _words(error)) from None
        except UnicodeEncodeError:
            raise InvalidSyntax(
                "The expression contains an unpaired surrogate, which is not a valid character"
            ) from None
        self.words: Final = list(tokens(text))
        later = later_operator(self.words)
        if later is not None:
            raise InvalidSyntax(_unary(later))
        for name in NAMES:
            self._expression.register_function(name, _nothing)
        found = self._expression.reads()
        if found.get("input") is True:
            # The library assumes that a variable that is called can read everything.
            called = [name for name in _called(self.words) if name in found.get("bindings", {})]
            found = self._expression.reads(dict.fromkeys(called, _nothing))
        self.reads_root: Final[object] = found.get("input")
        self.reads: Final[Mapping[str, object]] = found.get("bindings", {})
        self._names_functions: Final = _names_functions(self.words, self.reads)
        self._checks: dict[str, Program] = {}

    def run(self, world: World) -> str | None:
        """Evaluate the expression.

        Returns:
            Its value as JSON; None if it is undefined or a function.

        Raises:
            EvaluationFailed: the evaluation failed.
        """
        result = _run(self._text, self._expression, world)
        if result == "null" and self._answer("({}) = null", world) == "false":
            return '"NaN"'
        return result

    def holds_function(self, result: str | None, world: World) -> bool:
        """Return whether the value is or contains a function, which its JSON in `result` does not show."""
        if not self._names_functions:
            return False
        if result is not None and (result[0] not in "[{" or len(result) > _LARGEST_CHECKED):
            return False
        return self._answer('$exists(({}).**[$type($) = "function"])', world) == "true"

    def _answer(self, question: str, world: World) -> str | None:
        """Evaluate `question`, in which this expression replaces the braces."""
        try:
            if question not in self._checks:
                self._checks[question] = Program(question.replace("{}", self._text))
            check = self._checks[question]
            return _run(check._text, check._expression, world)
        except (EvaluationFailed, InvalidSyntax):
            return None


def _called(words: list[Token]) -> Iterator[str]:
    """Return the names of the functions and variables that are called."""
    for word, after in pairwise(words):
        if word.kind == "variable" and after.text == "(":
            yield word.text[1:]


def _names_functions(words: list[Token], outer: Mapping[str, object]) -> bool:
    """Return whether an expression uses functions as values: literals, names, or partial applications."""
    for before, word, after in in_context(words):
        opened = after == ("operator", "(")
        if word.text in FUNCTION and opened:
            return True
        if word.kind == "variable" and not opened and len(word.text) > 1 and word.text[1:] not in outer:
            return True
        if word.text == "?" and before.text in ("(", ","):
            return True
    return False


def _run(text: str, expression: Expression, world: World, limit_s: float = LIMIT_S) -> str | None:
    import jlens  # noqa: PLC0415 - see above

    began_s = time.thread_time()
    try:
        return limited(lambda wait_s: _evaluate(text, expression, world, wait_s), limit_s)
    except TimeIsUp:
        raise EvaluationFailed(f": {_TIMEOUT}") from None
    except jlens.JlensError as error:
        if error.code == _OUT_OF_RANGE and error.token in _ARITHMETIC:
            left_s = limit_s - (time.thread_time() - began_s)
            return _run_with_infinity(text, error, world, left_s)
        raise EvaluationFailed(_shown(error)) from None
    except FunctionFailed as error:
        code = f". {error.code}: " if error.code else ": "
        raise EvaluationFailed(code + error.message) from None
    except (ValueError, OverflowError, RecursionError):
        raise EvaluationFailed(": The data cannot be written as JSON") from None


def _evaluate(text: str, expression: Expression, world: World, wait_s: float) -> str | None:
    """Evaluate once, using the library's `$distinct` for small arrays and the harness's for large ones."""
    import jlens  # noqa: PLC0415 - see above

    if f"${DISTINCT}" in text and DISTINCT not in world.bindings:
        try:
            return _evaluate_once(expression, world, wait_s, _FEW_ITEMS)
        except jlens.JlensError as error:
            if error.code != _TOO_LARGE:
                raise
        world = world._replace(bindings={**world.bindings, DISTINCT: distinct})
    return _evaluate_once(expression, world, wait_s, _MAX_NUMBERS)


def _evaluate_once(expression: Expression, world: World, wait_s: float, most_items: int) -> str | None:
    import jlens  # noqa: PLC0415 - see above

    world.begin()
    try:
        return expression.evaluate_json(
            world.root,
            world.bindings,
            timeout=wait_s,
            max_depth=MAX_DEPTH,
            max_steps=MAX_STEPS,
            max_string_length=_MAX_BYTES,
            max_array_length=most_items,
            max_result_size=_MAX_BYTES,
            now=world.millis,
            seed=world.seed,
        )
    except jlens.JlensError as error:
        if error.code == _TIME_OVER:
            raise TimeIsUp from None
        raise


def _run_with_infinity(text: str, error: JlensError, world: World, limit_s: float) -> str | None:
    """Evaluate again, with the operation that overflows replaced by a call. On AWS, the result of such an
    operation is a string.

    The library does not support infinite numbers, so the operation fails. jsonata-js continues with the
    infinite number, and fails only where it is used.
    """
    import jlens  # noqa: PLC0415 - see above

    start, end, position = error.start, error.end, error.position
    if start is None or end is None or position is None or text.count(_QUOTIENT) >= 8:
        raise EvaluationFailed(_shown(error)) from None
    if _becomes_text(text[:start].rstrip(), text[end:].lstrip()):
        reason = "Attempting to invoke string function on Infinity or NaN"
        raise EvaluationFailed(f". D3001: {reason}") from None
    left, right = text[start : position - 1], text[position:end]
    call = f"${_QUOTIENT}('{error.token}', ({left}), ({right}))"
    replaced = text[:start] + call + text[end:]
    try:
        expression = jlens.Expression(replaced)
        bindings = {**world.bindings, _QUOTIENT: _arithmetic}
        return _run(replaced, expression, world._replace(bindings=bindings), limit_s)
    except jlens.JlensError:
        raise EvaluationFailed(_shown(error)) from None
    except EvaluationFailed as later:
        if any(f'"{name}"' in str(later) for name in _INFINITE) or str(later).startswith(". T200"):
            raise EvaluationFailed(_shown(error)) from None
        raise


def _becomes_text(before: str, after: str) -> bool:
    return before.endswith(("$string(", "&")) or after.startswith("&")


def _arithmetic(operator: str, left: object = None, right: object = None) -> object:
    if left in _INFINITE or right in _INFINITE:
        raise FunctionFailed("Number out of range: null", _OUT_OF_RANGE)
    for side, value in (("left", left), ("right", right)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            reason = f'The {side} side of the "{operator}" operator must evaluate to a number'
            raise FunctionFailed(reason, "T2001" if side == "left" else "T2002")
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return None
    first, second = float(left), float(right)
    if operator == "/":
        if second == 0:
            return "NaN" if first == 0 else "-Infinity" if first < 0 else "Infinity"
        value = first / second
    else:
        value = first * second if operator == "*" else first + (second if operator == "+" else -second)
    return value if abs(value) != float("inf") else "Infinity" if value > 0 else "-Infinity"


def _shown(error: JlensError) -> str:
    limit = _LIMITS.get(error.code)
    return f". {error.code}: {_words(error)}" if limit is None else f": {limit}"


def _unary(sign: str) -> str:
    return f'The symbol "{sign}" cannot be used as a unary operator'


def _words(error: JlensError) -> str:
    """Return jsonata-js's message. The library writes some whole numbers with a decimal point."""
    text = str(error)
    if error.code in ("D3060", "D3061", "D3100", "S0213") or re.fullmatch(r"\d+\.0", error.token or ""):
        return re.sub(r"(?<=\d)\.0(?!\d)", "", text)
    return text.replace("1e7", "1e6") if error.code == _SEQUENCE_TOO_LONG else text
