"""`harness replay --real`: the current functions, in a rebuilt world, compared with AWS's recording."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from exported import FUNCTION, execute, history
from rebuilding import make_orders, make_shop

from harness.cli import main
from harness.engine import engine_of
from harness.expect import BUILT_IN
from harness.histories import read_histories
from harness.projects import Projects
from harness.rebuilt.judging import RebuiltJudge, together
from harness.rebuilt.world import Seed, seed_of
from harness.replay.judging import Judged
from harness.replay.reports import as_json
from harness.replay.show import lines
from harness.scenario.load import load, parse
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.states import TaskFailed, TaskSucceeded

Judge = Callable[..., list[Judged]]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """One engine for all of these tests."""
    settings = replace(Projects({}).of(Path(__file__)), engine="moto")
    with Session(engine_of(settings)) as session:
        yield session


@pytest.fixture
def judge(session, tmp_path, monkeypatch) -> Judge:
    """Judges the histories in a project."""

    def judged(folder: Path, seed: Seed | None = None) -> list[Judged]:
        monkeypatch.chdir(folder)
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        found = RebuiltJudge(Projects(dict(os.environ)).of, session=session, folder=work, seed=seed)
        return list(found.judged(read_histories([Path("histories")])))

    return judged


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def prices() -> Seed:
    return seed_of(*load([Path("scenarios/prices.yaml")], BUILT_IN))


def test_histories_of_another_account_are_the_same(judge, tmp_path):
    after_all, shipped = judge(make_orders(tmp_path))
    assert (after_all.outcome, shipped.outcome) == ("same", "same")
    assert after_all.notes == (
        "assumed to have done its work before it failed, which no history shows: "
        "ShipOrderFunction (events 13, 16, 19, 22, 25, 28)",
    )
    assert shipped.notes == ()


def test_a_function_that_answers_something_else_is_named(judge, tmp_path):
    orders = make_orders(tmp_path)
    (orders / "histories/shipped-after-all.json").unlink()
    change(orders / "functions/charge_payment.py", 'item["quantity"] *', '(item["quantity"] + 1) *')
    (judged,) = judge(orders)
    assert list(lines(judged)) == [
        "different  histories/shipped.json: event 10, state 'ChargePayment': output.amount_cents",
        "           order.asl.json:36:7, state 'ChargePayment'",
        "             function  ChargePaymentFunction",
        '             input     {"order_id":"1001","customer":"ada","items":[{"sku":"lamp","quantity":2,'
        '"price_cents":4200,"weight_grams":1500},{"sku":"bulb","quantity":6,"price_cents":350,'
        '"weight_grams":40}]}',
        "             expected  10500",
        "             seen      15050",
        "           look around: harness replay histories/shipped.json --real --until 10",
        "           and 7 more differences",
        "           not known: what is in tables, buckets and queues that ChargePayment, PlaceOrder, "
        "ShipOrder use: no history shows it; add a seed",
    ]
    (told,) = json.loads(as_json([judged]))["histories"]
    assert told["differences"][0]["function"]["name"] == "ChargePaymentFunction"
    assert told["differences"][0]["look_around"].endswith("--real --until 10")
    assert told["notes"] == list(judged.notes)


def test_a_seed_is_there_and_what_is_not_done_again_is_told(judge, tmp_path, monkeypatch):
    shop = make_shop(tmp_path)
    monkeypatch.chdir(shop)
    (judged,) = judge(shop, prices())
    assert judged.differences == ()
    assert judged.notes == ("1 of 3 tasks was answered from the history: Look",)
    assert judged.again == ("--real", "--seed", "scenarios/prices.yaml")


def test_a_function_that_fails_here_alone_shows_its_log(judge, tmp_path):
    (judged,) = judge(make_shop(tmp_path))
    first = judged.differences[0]
    assert (first.event, first.expected) == (13, "LambdaFunctionSucceeded 'Pay'")
    assert first.seen == "LambdaFunctionFailed 'Pay': KeyError"
    assert first.asked is not None
    assert first.asked.function == "Charge"
    assert first.asked.log[:2] == ("looks for lamp", "[ERROR] KeyError: 'Item'")
    assert any("charge.py" in line and "line 5" in line for line in first.asked.log)


def test_what_is_drawn_is_ignored_by_the_settings(judge, tmp_path, monkeypatch):
    shop = make_shop(tmp_path, lucky=8)
    monkeypatch.chdir(shop)
    (judged,) = judge(shop, prices())
    assert (judged.differences[0].event, judged.differences[0].what) == (13, "output.lucky")
    ignored = '[tool.harness.replay]\nignored = [{path = "lucky", reason = "it is drawn"}]\n'
    with (shop / "pyproject.toml").open("a") as file:
        file.write(ignored)
    (judged,) = judge(shop, prices())
    assert judged.outcome == "same"


ACCEPTED = """
[tool.harness.replay]
accepted = [
  {state = "Pay", renamed = "ChargeCard", reason = "r"},
  {added = "Log", result = {a = 1}, reason = "r"},
]
"""


def test_accepted_changes_hold(judge, tmp_path, monkeypatch):
    shop = make_shop(tmp_path)
    monkeypatch.chdir(shop)
    change(shop / "shop.asl.json", '"Pay"', '"ChargeCard"')
    log = '"Log": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:cloudtrail:listTrails",'
    log += ' "Parameters": {}, "ResultPath": null, '
    change(shop / "shop.asl.json", '"Next": "ChargeCard"', '"Next": "Log"')
    change(shop / "shop.asl.json", '"ChargeCard": {', log + '"Next": "ChargeCard"},\n"ChargeCard": {')
    (judged,) = judge(shop, prices())
    assert judged.differences[0].seen == "TaskStateEntered 'Log'"
    with (shop / "pyproject.toml").open("a") as file:
        file.write(ACCEPTED)
    (judged,) = judge(shop, prices())
    assert judged.differences == ()
    assert judged.problem == ""


MAP = """\
{
  "StartAt": "Each",
  "States": {
    "Each": {
      "Type": "Map",
      "ItemsPath": "$.orders",
      "ItemProcessor": {
        "StartAt": "Pay",
        "States": {
          "Pay": {"Type": "Task", "Resource": "${Charge}", "Retry": [{"ErrorEquals": ["Busy"]}], "End": true}
        }
      },
      "End": true
    }
  }
}
"""


def test_iterations_are_compared_each_with_its_own(judge, tmp_path, monkeypatch):
    shop = make_shop(tmp_path)
    monkeypatch.chdir(shop)
    numbers = [1, 2, 3]

    def paid(request):
        if request.parameters["number"] == 2 and request.attempt == 0:
            return TaskFailed("Busy", json.dumps({"errorType": "Busy", "errorMessage": "later"}))
        total = 21 * request.parameters["number"] + (request.parameters["number"] == 3)
        return TaskSucceeded({"total": total, "id": str(uuid4()), "at": 1762131723.4, "lucky": 7})

    (shop / "shop.asl.json").write_text(MAP)
    given = json.dumps({"orders": [{"sku": "lamp", "number": n} for n in numbers]})
    execution = execute(
        json.loads(MAP.replace("${Charge}", f"{FUNCTION}prod-Charge-1XYZ")), paid, input=given
    )
    (shop / "histories/7.describe.json").unlink()
    (shop / "histories/7.json").write_text(json.dumps(history(execution)))
    (judged,) = judge(shop, prices())
    first = judged.differences[0]
    assert (first.what, first.expected, first.seen) == ("output.total", "64", "63")
    assert first.asked is not None
    assert json.loads(first.asked.input) == {"sku": "lamp", "number": 3}


def test_one_that_was_stopped_is_compared_as_far_as_it_came(judge, tmp_path, monkeypatch):
    shop = make_shop(tmp_path)
    monkeypatch.chdir(shop)
    file = shop / "histories/7.json"
    events = json.loads(file.read_text())["events"][:12]
    events.append(
        {"id": 13, "previousEventId": 12, "type": "ExecutionAborted", "timestamp": events[-1]["timestamp"]}
    )
    file.write_text(json.dumps({"events": events}))
    (shop / "histories/7.describe.json").unlink()
    (judged,) = judge(shop, prices())
    assert judged.problem == ""
    assert judged.differences == ()
    assert judged.notes[1] == "it was stopped externally, which is not repeated: compared up to that point"


def test_a_seed_of_one_of_several_runs_is_refused():
    text = (
        "title: a\ntasks: [{state: A, result: 1, run: one}]\nrun: [{name: one}, {name: two}]\n"
        "expect: {execution: {status: SUCCEEDED}}\n"
    )
    with pytest.raises(SettingsError, match="this belongs to the run 'one', but a history contains only"):
        seed_of(parse(text, BUILT_IN))


def test_sentences_that_say_the_same_of_several_events_are_one():
    said = ["event 1: a", "what is there", "event 4: a", "event 2: b"]
    assert list(together(said)) == ["events 1, 4: a", "what is there", "event 2: b"]


def test_the_command(tmp_path, monkeypatch, capsys):
    shop = make_shop(tmp_path, lucky=8)
    monkeypatch.chdir(shop)
    given = ["replay", "--real", "--seed", "scenarios/prices.yaml"]
    assert main([*given, "--ignore", "lucky", "--json", "found.json"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "same       histories/7.json (order-7): 15 events",
        "           1 of 3 tasks was answered from the history: Look",
        "1 history: 1 the same",
    ]
    (told,) = json.loads(Path("found.json").read_text())["histories"]
    assert told["notes"] == ["1 of 3 tasks was answered from the history: Look"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ["--seed", "scenarios/prices.yaml"],
            "without --real, --until or --break all responses come from",
        ),
        (["--ignore", "a..b"], "--ignore: 'a..b' is not a valid path"),
        (["--real", "--seed", "gone.yaml"], "gone.yaml:1:1: the file cannot be read"),
        (["--until", "17"], "--until 17: histories/7.json has events 1 to 15"),
        (["--until", "3", "--json", "a.json"], "--json: --until does not compare anything"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, monkeypatch, capsys, given, said):
    monkeypatch.chdir(make_shop(tmp_path))
    assert main(["replay", "histories/7.json", *given]) == 2
    assert said in capsys.readouterr().err


def settings_problem(folder: Path) -> str:
    with pytest.raises(SettingsError) as raised:
        Projects({}).of(folder)
    return str(raised.value)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('path = "a"', "replay.ignored[0] has no reason; say why the value may differ"),
        ('reason = "r"', "replay.ignored[0] has no path; name the value to ignore"),
        ('path = "$.a"\nreason = "r"', "replay.ignored[0].path: '$.a' is not a valid path"),
        ('paths = "a"\nreason = "r"', "unknown key 'paths' in replay.ignored[0]"),
        ('path = 1\nreason = "r"', "replay.ignored[0].path is 1; write a string"),
    ],
)
def test_settings_that_are_wrong_are_refused(tmp_path, entry, said):
    (tmp_path / "pyproject.toml").write_text(f"[tool.harness]\n[[tool.harness.replay.ignored]]\n{entry}\n")
    assert said in settings_problem(tmp_path)


def test_settings_that_are_right(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[tool.harness.replay]\nignored = [{state = "A", path = "b", reason = "r"}]\n'
    )
    settings: Settings = Projects({}).of(tmp_path)
    assert str(settings.replay) == "b of A is ignored"
