"""`[tool.harness.gate]` and the entries of `accept`: what they say, and everything that is wrong in them."""

from __future__ import annotations

from datetime import date

import pytest

from harness.gate_settings import seconds_of
from harness.settings import SettingsError
from harness.settings_reading import load_settings


def load(folder, text):
    (folder / "pyproject.toml").write_text(f"[tool.harness]\n{text}")
    return load_settings(folder, {})


def test_all_keys(tmp_path):
    text = """\
[tool.harness.gate]
base = "main"
budget = "90s"
since = "0.2"
fail = ["lint-warning"]
warn = ["sweep-*"]
off = ["access-*"]
baseline = "b.toml"
prices = {lambda-gb-second = 0.0000166667, lambda-request = 1}
limit-margin = 0.25
"""
    gate = load(tmp_path, text).gate
    assert (gate.base, gate.budget, gate.since) == ("main", "90s", "0.2")
    assert (gate.fail, gate.warn, gate.off) == (("lint-warning",), ("sweep-*",), ("access-*",))
    assert gate.baseline == tmp_path / "b.toml"
    assert gate.prices == {"lambda-gb-second": 0.0000166667, "lambda-request": 1}
    assert gate.limit_margin == 0.25


def test_without_the_table_there_are_defaults(tmp_path):
    gate = load(tmp_path, "").gate
    assert (gate.base, gate.budget, gate.since, gate.baseline) == ("", "5m", "0.1", None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("2m", 120), ("2 min", 120), ("1h30m", 5400), ("1.5 m", 90), ("1h 5s", 3605)],
)
def test_budgets(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "0s", "0m0s", "2", "m", "-2m", "2 weeks", "2m!", "25h", "nan s", "1e9s"]
)
def test_what_is_no_budget(text):
    with pytest.raises(ValueError, match="write a number and a unit, such as 90s, 2m or 1h30m"):
        seconds_of(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gate = 1", "gate must be a table"),
        ("gate.bugdet = '2m'", "unknown key 'bugdet' in gate; did you mean 'budget'?"),
        ("gate.budget = '0s'", "gate.budget: a budget of 0s is too short"),
        ("gate.budget = 2", "gate.budget must be a non-empty string"),
        ("gate.since = 'now'", "gate.since 'now' is not a harness version"),
        ("gate.fail = 'a'", "gate.fail must be an array"),
        ("gate.fail = ['a']\ngate.off = ['a']", "gate: 'a' is in more than one of fail, warn, off"),
        ("gate.prices = {lambda-request = -1}", "gate.prices.lambda-request must be a number, 0 or more"),
        ("gate.prices = {lambda-request = true}", "gate.prices.lambda-request must be a number"),
        ("gate.prices = {lambda-requests = 1}", "unknown key 'lambda-requests' in gate.prices; did you mean"),
        ("accept = [{rule = 'a', reason = 'b'}]", "accept[0] has no subject; specify a rule and its subject"),
        ("accept = [{subject = 'a', reason = 'b'}]", "accept[0] has no rule"),
        (
            "accept = [{rule = 'a', subject = 'b', role = 'c', reason = 'd'}]",
            "accept[0] has role, rule, subject",
        ),
        ("accept = [{limit = 'sns-message', rule = 'b', reason = 'd'}]", "accept[0] has both limit and rule"),
        (
            "accept = [{rule = 'a', subject = 'b', reason = 'c', until = '2027-01-31'}]",
            "accept[0].until must be a date without quotes",
        ),
        (
            "accept = [{limit = 'sns-message', reason = 'c', until = 2027-01-31T00:00:00}]",
            "accept[0].until must be a date",
        ),
        ("accept = [{rule = 'a', subject = 'b'}]", "accept[0] has no reason"),
        ("accept = [{rule = 1, subject = 'b', reason = 'c'}]", "accept[0].rule must be a string"),
    ],
)
def test_everything_that_is_wrong_is_named(tmp_path, text, said):
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, text)
    assert said in str(refused.value)


def test_every_kind_of_entry_may_have_an_end(tmp_path):
    text = """\
accept = [
  {limit = "sns-message", reason = "a", until = 2027-01-31},
  {role = "R", action = "s3:*", reason = "b", until = 2027-01-31},
  {rule = "sweep-*", subject = "*", reason = "c", until = 2027-01-31},
]
"""
    entries = load(tmp_path, text).accept
    assert {entry.until for entry in entries} == {date(2027, 1, 31)}
    assert [entry.about for entry in entries] == ["sns-message", "R: s3:* on *", "sweep-*: *"]
