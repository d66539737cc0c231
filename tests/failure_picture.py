"""The picture of a failure in the README: the terminal report for a result that is built here.

RefundPayment in `examples/orders` reads a key that the order does not have. The result is the same as from
running the scenario with that bug.
"""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from harness.expect.compare import compare
from harness.expect.project import expectations_of
from harness.functions.shared.model import FunctionError, Invocation
from harness.observe.model import Observation
from harness.report.model import Result
from harness.report.terminal import PrintableConsole, TerminalReport
from harness.scenario.load import parse
from harness.scenario.model import Scenario
from harness.settings_reading import load_settings
from harness.testing import a_call, a_history, a_message, an_execution, an_invocation, observed

ORDERS = Path(__file__).parents[1] / "examples" / "orders"
FILE = Path("scenarios/answer-of-the-carrier-lost.yaml")
COLUMNS = 104
TOOK_S = 2.1
# An offline page downloads no font.
WITHOUT_FONTS = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
SHIP, REFUND = "shop-ship-order", "shop-refund-payment"
LINE = 'status = order["state"]'
ORDER = '{"order_id": "1004"}'


def svg() -> str:
    """The terminal report as an SVG. Long lines are wrapped like in a terminal."""
    screen = Console(file=io.StringIO(), record=True, width=COLUMNS, color_system="truecolor")
    for line in Text.from_ansi(printed()).split("\n", allow_blank=True):
        for part in line.divide(range(COLUMNS, len(line), COLUMNS)):
            screen.print(part, soft_wrap=True)
    text = screen.export_svg(title="harness run", unique_id="failure", code_format=WITHOUT_FONTS)
    return "\n".join(each.rstrip() for each in text.splitlines()) + "\n"


def printed() -> str:
    """The failure report with colour codes."""
    written = io.StringIO()
    console = PrintableConsole(
        file=written,
        width=COLUMNS,
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )
    result = failure()
    times = iter((0.0, 0.0))
    report = TerminalReport(console, clock=lambda: next(times, TOOK_S), screen=False)
    report.started([result.scenario], result.engine)
    report.scenario_started(result.scenario)
    report.scenario_finished(result)
    report.finished()
    return written.getvalue()


def failure() -> Result:
    """The scenario with all differences between its result and its expectations."""
    played = scenario()
    seen = observation()
    return Result(
        scenario=played,
        engine="moto",
        outcome="failed",
        duration_s=TOOK_S,
        mismatches=compare(played, seen),
        observation=seen,
        reproduce=f"harness run {FILE} --engine moto",
    )


def scenario() -> Scenario:
    """The scenario from the README, as in `examples/orders`."""
    text = (ORDERS / FILE).read_text(encoding="utf-8")
    return parse(text, expectations_of(load_settings(ORDERS, {})), FILE)


def observation() -> Observation:
    """The remaining data: the order is shipped, and a staff member is notified."""
    tries = range(6)
    history = a_history().enters("PlaceOrder").exits("PlaceOrder")
    history.enters("ChargePayment").exits("ChargePayment").enters("ShipOrder", input=ORDER)
    for n in tries:
        history.schedules(SHIP, ORDER, at_s=n).fails("Sandbox.Timedout", timed_out(n))
    history.exits("ShipOrder").enters("RefundPayment", input=ORDER)
    for n in tries:
        history.schedules(REFUND, ORDER, at_s=10 + n).fails("KeyError", raised(10 + n))
    history.exits("RefundPayment").enters("TellStaff").exits("TellStaff").enters("NotRefunded", "Fail")
    history.event("ExecutionFailed", error="KeyError", cause=raised(15))
    execution = an_execution(
        "FAILED", history=history, machine="shop-take-order", error="KeyError", cause=raised(15)
    )
    return observed(
        execution,
        invocations=[*map(shipped, tries), *map(refunded, tries)],
        functions={SHIP: "ShipOrderFunction", REFUND: "RefundPaymentFunction"},
        tables={"Orders": [{"order_id": "1004", "status": "SHIPPED"}]},
        messages=[a_message("Order 1004 needs a person", topic="Topic")],
        fired={0: 6},
    )


def timed_out(n: int) -> str:
    """Lambda's error message."""
    return f"RequestId: {request(n)} Error: Task timed out after 30.00 seconds"


def raised(n: int) -> str:
    """The cause of a task failure from such an invocation."""
    return json.dumps({"errorType": "KeyError", "errorMessage": "'state'", "requestId": request(n)})


def request(n: int) -> str:
    """A request ID."""
    return f"406db962-a799-4d2f-8791-{n:012}"


def shipped(n: int) -> Invocation:
    """An invocation that did its work, but did not finish."""
    error = FunctionError("Sandbox.Timedout", timed_out(n))
    return invocation(SHIP, "ShipOrder", "UpdateItem", error, n)


def refunded(n: int) -> Invocation:
    """An invocation of the function with the bug."""
    trace = (f'  File "functions/refund_payment.py", line 13, in handler\n    {LINE}\n',)
    return invocation(REFUND, "RefundPayment", "GetItem", FunctionError("KeyError", "'state'", trace), 10 + n)


def invocation(function: str, state: str, operation: str, error: FunctionError, n: int) -> Invocation:
    """An invocation that made one call and failed."""
    call = a_call(f"dynamodb:{operation}", TableName="shop-Orders", at_s=n)
    return an_invocation(
        function, call, payload=ORDER, error=error, at_s=n, request_id=request(n), state=state
    )
