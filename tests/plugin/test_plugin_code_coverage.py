"""Function lines run by scenarios are included in pytest-cov's report, from each xdist worker."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

EXAMPLE = Path(__file__).parents[2] / "examples" / "orders"


@pytest.mark.parametrize("workers", [pytest.param("0", marks=pytest.mark.thorough), "2"])
def test_scenarios_count_in_the_report_of_pytest_cov(pytester: pytest.Pytester, workers: str) -> None:
    shutil.copytree(EXAMPLE, pytester.path, dirs_exist_ok=True)
    with (pytester.path / "functions/orders.py").open("a") as file:
        file.write("\n\ndef never_called():\n    return 'missed'\n")
    missed = (pytester.path / "functions/orders.py").read_text().splitlines().index("    return 'missed'") + 1
    options = ("--cov=functions", "--cov-branch", "--cov-report=term-missing", "-n", workers)
    paths = ("scenarios/declined.yaml", "scenarios/paid-and-shipped.yaml")
    result = pytester.runpytest_subprocess(*options, *paths)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "functions/charge_payment.py * 2 * 0 * 100%*",
            f"functions/orders.py *{missed}*",
            "functions/refund_payment.py *",
            "functions/ship_order.py *",
        ]
    )
    assert "No data was collected" not in result.stderr.str() + result.stdout.str()
