"""The second workflow: a defect is found, and its expectation and invariants show what is wrong."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import generated
import pytest

from harness.expect.project import expectations_of
from harness.scenario.load import parse
from harness.settings_reading import load_settings
from harness.sweep.invariants import load_invariants
from harness.testing import a_message, an_execution, observed, played

ORDERS = Path(__file__).parents[2] / "examples" / "orders"
SETTINGS = load_settings(ORDERS, {})
EXPECTATIONS = {each.key: each for each in expectations_of(SETTINGS)}
INVARIANTS = {getattr(each, "__name__", ""): each for each in load_invariants(SETTINGS.invariants)}


@pytest.mark.parametrize("path", [path for path in generated.FILES if path.is_relative_to(ORDERS)])
def test_its_schema_is_in_step(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == generated.FILES[path](), "run: python tests/generated.py"


def mismatches(orders: str, **statuses: str) -> list[str]:
    scenario = parse(f"title: t\nexpect:\n  orders: {orders}\n", tuple(EXPECTATIONS.values()), Path("x.yaml"))
    items = [{"order_id": name, "status": status, "paid_cents": 500} for name, status in statuses.items()]
    seen = observed(an_execution(), tables={"Orders": items})
    return [
        f"{m.where.line}:{m.where.column} {m.summary}"
        for m in EXPECTATIONS["orders"].mismatches(scenario, seen)
    ]


def test_orders_are_compared_with_the_table() -> None:
    assert mismatches("{a: SHIPPED, b: {status: REFUNDED, paid_cents: 500}}", a="SHIPPED", b="REFUNDED") == []
    assert mismatches("{a: SHIPPED}", a="PAID") == ["3:12 order a: status: expected SHIPPED, seen PAID"]
    assert mismatches("{a: {status: PAID, paid_cents: 5}}", a="PAID") == [
        "3:30 order a: paid_cents: expected 5, seen 500"
    ]
    assert mismatches("{a: PAID}") == ["3:12 order a: not in the table"]
    assert mismatches("{}", a="PAID") == ["3:3 order a: not expected, seen PAID"]


@pytest.mark.parametrize(
    ("order", "told", "violations"),
    [
        ({"status": "SHIPPED", "tracking_id": "p"}, "Order 7 is on its way", []),
        ({"status": "REFUNDED"}, "Order 7 was not shipped", []),
        ({"status": "PAID"}, "Order 7 needs a person", []),
        (
            {"status": "PAID"},
            "Order 7 was not shipped",
            ["order 7 is paid and neither shipped nor refunded, and the staff is not notified"],
        ),
        (
            {"status": "REFUNDED", "tracking_id": "p"},
            "Order 7 was not shipped",
            ["order 7 was shipped, but its status is REFUNDED"],
        ),
    ],
)
def test_nobody_pays_for_nothing(order: dict[str, str], told: str, violations: list[str]) -> None:
    seen = observed(
        an_execution(), tables={"Orders": [{"order_id": "7", **order}]}, messages=[a_message(told)]
    )
    assert list(INVARIANTS["nobody_pays_for_nothing"](played(seen))) == violations


def test_an_end_that_nobody_hears_of() -> None:
    orders = {"Orders": [{"order_id": "7", "status": "PLACED"}]}
    silent = observed(an_execution("FAILED", error="KeyError"), tables=orders)
    assert list(INVARIANTS["every_end_is_told"](played(silent))) == [
        "no message reports the outcome of order 7"
    ]
    undelivered = observed(an_execution("FAILED", error="SNS.SdkClientException"), tables=orders)
    assert list(INVARIANTS["every_end_is_told"](played(undelivered))) == []


@pytest.mark.parametrize(
    ("file", "good", "bad", "scenario", "said"),
    [
        (
            "functions/refund_payment.py",
            'if status in ("PAID", "REFUNDED"):',
            'if status in ("PAID", "SHIPPED"):',
            "answer-of-the-carrier-lost.yaml",
            "path: ",
        ),
        (
            "functions/charge_payment.py",
            "paid_cents=amount",
            "paid_cents=amount + 1",
            "paid-and-shipped.yaml",
            "orders: order 1001: paid_cents: expected 10500, seen 10501",
        ),
        (
            "template.yaml",
            "                Action: sns:Publish\n                Resource: !Ref Notifications",
            "                Action: sns:Publish\n                Resource: !GetAtt Orders.Arn",
            "too-heavy.yaml",
            "permissions: ",
        ),
    ],
)
def test_a_defect_is_found(tmp_path: Path, file: str, good: str, bad: str, scenario: str, said: str) -> None:
    shutil.copytree(ORDERS, tmp_path / "orders", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "orders" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(good) == 1, f"{file} has changed: adapt this test"
    path.write_text(text.replace(good, bad), encoding="utf-8")
    command = [sys.executable, "-P", "-m", "harness", "run", f"scenarios/{scenario}"]
    ended = subprocess.run(command, cwd=tmp_path / "orders", capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    where = file if said == "permissions: " else f"scenarios/{scenario}"
    assert f"{where}:" in ended.stdout
    assert said in ended.stdout
