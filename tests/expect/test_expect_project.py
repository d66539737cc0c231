"""Project-defined expectations: read, checked and compared like the built-in ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from documentation import blocks
from expect_samples import seen

from harness.engine.moto.engine import MotoEngine
from harness.expect import BUILT_IN, Capability, Name, Overall, RefusedError, keys_are
from harness.expect.compare import compare
from harness.expect.project import expectations_of
from harness.observe.model import Observation
from harness.scenario.load import parse
from harness.scenario.model import Scenario, scenario_model
from harness.scenario.position import ScenarioError
from harness.scenario.reference import added_reference
from harness.scenario.schema import json_schema
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.testing import an_execution

PAGE = "how-to/add-expectation.md"
HEAD = """\
from __future__ import annotations
from collections.abc import Iterator, Mapping
from typing import Annotated
from pydantic import AfterValidator, Field
from harness.expect import *

def nothing(*_: object) -> Iterator[Mismatch]:
    return iter(())

"""
EVEN = """\
from datetime import date
from decimal import Decimal

def even(number):
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number

Even = Annotated[int, AfterValidator(even)]
"""
Project = Callable[[str], Settings]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    def settings(text: str) -> Settings:
        file = tmp_path / "expectations.py"
        file.write_text(text)
        return Settings(root=tmp_path, expectations=file)

    return settings


def read(expect: str, settings: Settings, head: str = "") -> Scenario:
    text = f"title: t\n{head}expect: {expect}\n"
    return parse(text, expectations_of(settings), Path("a.yaml"))


def problems(expect: str, settings: Settings) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        read(expect, settings)
    return [str(problem) for problem in error.value.problems]


def mismatches(scenario: Scenario, observation: Observation) -> list[str]:
    return [f"{m.where}: {m.expectation}: {m.summary}" for m in compare(scenario, observation)]


def refused(text: str, project: Project) -> str:
    with pytest.raises(SettingsError) as error:
        expectations_of(project(text))
    return str(error.value)


def declared(what: str) -> str:
    return f"{HEAD}EXPECTATIONS = (\n    {what},\n)\n"


ITEM = """\
class Total(Model):
    \"\"\"How much a run earned.\"\"\"

    euros: Natural = Field(description="In euros.")
    short_schema = {"type": "integer", "minimum": 0}
    wants = "euros, or a mapping with euros"

    @classmethod
    def long_form(cls, value: Json) -> Json:
        return {"euros": value} if isinstance(value, int) else value

def compare(wanted: Total, run: Run, observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    if run.execution.output != str(wanted.euros):
        yield entry.at("euros").mismatch(f"expected {wanted.euros}, seen {run.execution.output}")

EXPECTATIONS = (
    PerRun(key="total", wanted=Total, description="What was earned.", compare=compare),
)
"""


def test_the_example_of_the_documentation_works(project: Project) -> None:
    (example,) = (block for block in blocks("python", PAGE) if "EXPECTATIONS" in block)
    (written,) = (block for block in blocks("yaml", PAGE) if "open_orders" in block)
    settings = project(example)
    scenario = parse(f"title: t\n{written}", expectations_of(settings), Path("a.yaml"))
    orders = tuple({"status": status} for status in ("OPEN", "OPEN", "PAID", "OPEN"))
    assert mismatches(scenario, Observation(runs=(), tables={"OrdersTable": orders[:3]})) == []
    assert mismatches(scenario, Observation(runs=(), tables={"OrdersTable": orders})) == [
        "a.yaml:3:17: open_orders: open orders in OrdersTable: expected 0 to 2, seen 3"
    ]


def test_it_may_be_about_each_run_and_differ_for_one(project: Project) -> None:
    settings = project(HEAD + ITEM)
    scenario = read("{total: 5, runs: {b: {total: {euros: 7}}}}", settings, "run: [{name: a}, {name: b}]\n")
    runs = (an_execution(name="a", output="5"), an_execution(name="b", output="6"))
    assert mismatches(scenario, seen(*runs)) == ["a.yaml:3:39: total: run b: expected 7, seen 6"]


def test_what_is_written_is_checked_with_its_place(project: Project) -> None:
    settings = project(HEAD + ITEM)
    assert problems("{total: -5}", settings) == ["a.yaml:2:17: total: invalid value -5; write 0 or more"]
    assert problems("{total: {euro: 5}}", settings) == [
        "a.yaml:2:18: unknown key 'euro' in expect.total; did you mean 'euros'? known: euros"
    ]
    (unknown,) = problems("{totl: 5}", settings)
    assert unknown.startswith(
        "a.yaml:2:10: unknown key 'totl' in expect; did you mean 'total'? known: execution,"
    )


def test_it_is_in_the_schema_and_in_a_reference_of_its_own(project: Project) -> None:
    model = scenario_model(expectations_of(project(HEAD + ITEM)))
    validator = jsonschema.Draft202012Validator(json_schema(model))
    assert validator.is_valid(
        {"title": "t", "expect": {"total": 5, "runs": {"run-1": {"total": {"euros": 5}}}}}
    )
    assert not validator.is_valid({"title": "t", "expect": {"total": -5}})
    assert added_reference(model, scenario_model(BUILT_IN)) == (
        "| key | type | default | meaning |\n|---|---|---|---|\n"
        "| `total` | *total* |  | What was earned. |\n\n"
        "## Total\n\nHow much a run earned.\n\nShort form: whole number.\n\n"
        "| key | type | default | meaning |\n|---|---|---|---|\n"
        "| `euros` | whole number | **required** | In euros. |\n"
    )


def test_its_types_may_be_called_as_built_in_ones_are(project: Project) -> None:
    text = HEAD + ITEM.replace("Total", "Items")
    model = scenario_model(expectations_of(project(text)))
    validator = jsonschema.Draft202012Validator(json_schema(model))
    assert validator.is_valid({"title": "t", "expect": {"total": 5, "items": {"T": {"count": 1}}}})
    assert not validator.is_valid({"title": "t", "expect": {"items": {"T": 5}}})
    assert "| `total` | *items* |" in added_reference(model, scenario_model(BUILT_IN))


def test_a_key_may_be_called_as_a_method_of_pydantic(project: Project) -> None:
    keys = ("json", "copy", "schema", "validate", "model_fields")
    made = "".join(
        f'    Overall(key="{key}", wanted=int, description="A number.", compare=nothing),\n' for key in keys
    )
    scenario = read("{json: 5, model_fields: 6}", project(f"{HEAD}EXPECTATIONS = (\n{made})\n"))
    assert [scenario.expect.written(key) for key in keys] == [5, None, None, None, 6]


def test_its_rules_speak_where_it_is_written(project: Project) -> None:
    kind = "Mapping[str, Mapping[str, int]]"
    settings = project(
        declared(
            f'PerRun(key="emptied", wanted={kind}, description="d", compare=nothing,\n'
            "           rules=(keys_are_buckets,))"
        )
    )
    head = "seed: {buckets: {photos: {}, 'b-{n}': {count: 2}}}\n"
    assert read("{emptied: {photos: {}, 'b-{n}': {count: 2}}}", settings, head)
    with pytest.raises(ScenarioError) as error:
        read("{emptied: {attic: {}, 'b-{n}': {}}, runs: {run-1: {emptied: {photo: {}}}}}", settings, head)
    assert [str(problem) for problem in error.value.problems] == [
        "a.yaml:3:20: the bucket 'attic' is not seeded; seeded: photos, b-{n}",
        "a.yaml:3:31: 'b-{n}' has a counter but no count; add count: with the number of names",
        "a.yaml:3:70: the bucket 'photo' is not seeded; did you mean 'photos'? seeded: photos, b-{n}",
    ]


@pytest.mark.parametrize(
    ("wanted", "written", "problem"),
    [
        ("list[int]", "[1, x]", "19: own: expected a whole number, found 'x'; write digits only"),
        ("dict[str, int]", "{a: x}", "19: a: expected a whole number, found 'x'; write digits only"),
        (
            "list[int]",
            "5",
            "15: own: expected a list, found 5; put it in [ ] or begin each entry with a hyphen",
        ),
        ("dict[str, int]", "5", "15: own: expected a mapping, found 5; write key: value pairs"),
        ("Decimal", "x", "15: own: input should be a valid decimal, found 'x'; correct it"),
        ("date", "2026-13-01", "15: own: input should be a valid date or datetime, "),
        ("Even", "5", "15: own: 5 is odd; correct it"),
        ("Even", "x", "15: own: expected a whole number, found 'x'; write digits only"),
    ],
)
def test_values_of_types_of_its_own_are_refused_in_words(
    project: Project, wanted: str, written: str, problem: str
) -> None:
    text = declared(f'Overall(key="own", wanted={wanted}, description="d", compare=nothing)')
    settings = project(text.replace("EXPECTATIONS = ", f"{EVEN}EXPECTATIONS = "))
    (found,) = problems(f"{{own: {written}}}", settings)
    assert found.startswith(f"a.yaml:2:{problem}")


def test_what_it_needs_counts_only_where_it_is_written(project: Project) -> None:
    settings = project(
        declared(
            'Overall(key="paid", wanted=Mapping[str, int], description="d", compare=nothing,\n'
            "            needs=frozenset({Capability.INVOCATIONS}))"
        )
    )
    paid = expectations_of(settings)[-1]
    asked = [
        paid.is_asked(read(text, settings)) for text in ("{paid: {a: 1}}", "{paid: {}}", "{messages: []}")
    ]
    assert asked == [True, False, False]


def test_an_engine_that_lacks_what_it_needs_skips_the_scenario(project: Project) -> None:
    class Blind(MotoEngine):
        capabilities = MotoEngine.capabilities - {Capability.INVOCATIONS}

    own = 'Overall(key="paid", wanted=int, description="d", compare=nothing, needs=frozenset({%s}))'
    settings = project(declared(own % "Capability.INVOCATIONS"))
    with Session(Blind()) as session:
        result = session.run(read("{paid: 1}", settings), settings)
    assert (result.outcome, result.reason) == ("skipped", f"moto cannot {Capability.INVOCATIONS}")


def test_files_beside_it_can_be_imported(project: Project, tmp_path: Path) -> None:
    (tmp_path / "money.py").write_text("KEY = 'paid'\n")
    text = declared('Overall(key=KEY, wanted=int, description="d", compare=nothing)')
    settings = project(text.replace("def nothing", "from .money import KEY\n\ndef nothing"))
    assert [each.key for each in expectations_of(settings)[len(BUILT_IN) :]] == ["paid"]


def test_it_is_read_once(project: Project) -> None:
    settings = project(HEAD + ITEM)
    assert expectations_of(settings) is expectations_of(settings)


def line(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('    raise KeyError("euros")\n    yield\n', "{file}:{line}: KeyError: 'euros'"),
        ("    pass\n", "{file}: TypeError: 'NoneType' object is not iterable"),
        ("    raise SystemExit(0)\n    yield\n", "{file}:{line}: SystemExit: 0"),
        (
            '    yield "two"\n',
            "{file}: TypeError: it yields 'two' instead of a mismatch; yield entry.mismatch(...)",
        ),
        (
            '    yield _[-1].mismatch("two", expected=2)\n',
            "{file}: TypeError: a mismatch has expected=2, which is not text; write expected=str(...)",
        ),
    ],
)
def test_a_comparison_that_raises_is_a_mismatch_with_the_place(
    project: Project, body: str, said: str
) -> None:
    text = f"{HEAD}def compare(*_):\n{body}EXPECTATIONS = (\n"
    text += '    Overall(key="bad", wanted=int, description="d", compare=compare),\n)\n'
    settings = project(text)
    place = said.format(file=settings.expectations, line=line(text, body))
    assert mismatches(read("{bad: 1}", settings), seen()) == [
        f"a.yaml:2:10: bad: the comparison failed: {place}"
    ]


def test_a_built_in_comparison_that_raises_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise KeyError("bug")

    broken = Overall(key="broken", wanted=int, description="d", compare=fails)
    scenario = parse("title: t\nexpect: {broken: 1}\n", (*BUILT_IN, broken))
    with pytest.raises(KeyError, match="bug"):
        compare(scenario, seen())


RAISES = """\
def rule(at, value, file):
    yield value["no"]

def text(at, value, file):
    yield "no"

def check(value):
    return value["no"]

Checked = Annotated[int, AfterValidator(check)]
EXPECTATIONS = (
    Overall(key="ruled", wanted=int, description="d", compare=nothing, rules=(rule,)),
    Overall(key="texts", wanted=int, description="d", compare=nothing, rules=(text,)),
    Overall(key="checked", wanted=Checked, description="d", compare=nothing),
)
"""


def test_a_rule_and_a_validator_that_raise_are_problems_of_the_file(project: Project) -> None:
    settings = project(HEAD + RAISES)
    file, error = settings.expectations, "TypeError: 'int' object is not subscriptable"
    rule, check = (line(HEAD + RAISES, f'{word} value["no"]') for word in ("yield", "return"))
    assert problems("{ruled: 1}", settings) == [
        f"a.yaml:2:10: a rule of ruled could not be applied: {file}:{rule}: {error}; correct it"
    ]
    assert problems("{texts: 1}", settings) == [
        f"a.yaml:2:10: a rule of texts could not be applied: {file}: "
        "TypeError: it yields 'no' instead of a Finding; correct it"
    ]
    assert problems("{checked: 1}", settings) == [
        f"a.yaml:2:19: checked could not be read: {file}:{check}: {error}; correct it"
    ]


MADE = 'Overall(key="paid", wanted=int, description="d", compare=nothing)'
CORRECT = "[tool.harness] expectations names this file: correct it"
STRANGE = declared(MADE.replace("=int", "=Iterator[Strange]"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\nprint(y)\n", f":2: NameError: name 'y' is not defined; {CORRECT}"),
        ("x = (\n", f":1:5: SyntaxError: '(' was never closed; {CORRECT}"),
        ("import sys\nsys.exit(3)\n", f":2: SystemExit: 3; {CORRECT}"),
        ("import nosuch\n", f":1: ModuleNotFoundError: No module named 'nosuch'; {CORRECT}"),
        ("x = 1\n", ": it has no EXPECTATIONS; assign a tuple with at least one expectation"),
        ("\nEXPECTATIONS = ()\n", ":2: () cannot be its EXPECTATIONS; assign a tuple"),
        ("EXPECTATIONS = [1]\n", ":1: [1] cannot be its EXPECTATIONS; assign a tuple"),
        (declared("len"), ":11: EXPECTATIONS[0] is <built-in function len>; make it a harness.expect.PerRun"),
        (
            declared(MADE.replace("paid", "items")),
            ":11: the key 'items' is built in; choose another one, not one of execution, path, never_",
        ),
        (
            declared(f"{MADE},\n    {MADE}"),
            ":12: the key 'paid' is already used by an earlier expectation; choose another one",
        ),
        (declared(MADE.replace("paid", "Paid-Up")), ":11: RefusedError: 'Paid-Up' is not a valid key for an"),
        (declared(MADE.replace("paid", "runs")), "use lower-case letters, digits and underscores, not runs"),
        (declared(MADE.replace(", compare=nothing", "")), ":11: TypeError: "),
        (
            declared(MADE.replace("compare=nothing", "compare=None")),
            ":11: RefusedError: invalid compare of the expectation 'paid': None; use a function",
        ),
        (
            declared(MADE.replace("=nothing", "=nothing, rules=nothing")),
            "; use a tuple of functions, such as (keys_are_buckets,)",
        ),
        (
            declared(MADE.replace("=nothing", "=nothing, needs={'logs'}")),
            ":11: RefusedError: invalid needs of the expectation 'paid': {'logs'}; use a set of",
        ),
        (declared(MADE.replace('"d"', "None")), "invalid description of the expectation 'paid': None; use"),
        (
            declared(MADE.replace("=int", "='int'")),
            ":11: expectation 'paid': wanted cannot be read from YAML: unsupported operand",
        ),
        (
            STRANGE.replace("def nothing", "class Strange: ...\n\ndef nothing"),
            ":13: expectation 'paid': wanted cannot be read from YAML: Unable to generate pydantic-core",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_a_wrong_setting_with_its_place(
    project: Project, tmp_path: Path, text: str, said: str
) -> None:
    found = refused(text, project)
    assert found.startswith(f"{tmp_path / 'expectations.py'}:")
    assert said in found


def test_a_file_that_is_not_there_is_a_wrong_setting(tmp_path: Path) -> None:
    for name, said in (
        ("nosuch.py", "does not exist; correct the path"),
        (".", "does not exist; correct the path"),
    ):
        with pytest.raises(SettingsError, match=said):
            expectations_of(Settings(root=tmp_path, expectations=tmp_path / name))
    (tmp_path / "x.txt").write_text("EXPECTATIONS = ()")
    with pytest.raises(SettingsError, match="must name a Python file"):
        expectations_of(Settings(root=tmp_path, expectations=tmp_path / "x.txt"))


def test_a_key_is_refused_where_the_expectation_is_made() -> None:
    for key in ("", "Big", "with-hyphen", "9", "runs"):
        with pytest.raises(RefusedError, match="is not a valid key for an expectation"):
            Overall(key=key, wanted=int, description="d", compare=lambda *_: ())


NAMED = Overall(
    key="paid",
    wanted=dict[str, int],
    description="d",
    names=keys_are("table"),
    compare=lambda *_: (),
)


def test_names_of_the_template_are_told_with_their_places(tmp_path: Path) -> None:
    scenario = parse("title: t\nexpect: {paid: {Orders: 1, Bills: 2}}\n", (NAMED,))
    assert list(NAMED.named(scenario)) == [
        Name("table", "Orders", ("expect", "paid", "Orders"), "key"),
        Name("table", "Bills", ("expect", "paid", "Bills"), "key"),
    ]


def test_an_expectation_may_say_nothing_of_names() -> None:
    silent = Overall(key="paid", wanted=int, description="d", compare=lambda *_: ())
    assert list(silent.named(parse("title: t\nexpect: {paid: 1}\n", (silent,)))) == []


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("lambda wanted: wanted[0]", "names: TypeError: 'int' object is not subscriptable; correct it"),
        ("lambda wanted: [3]", "names returns 3; return harness.expect.Name"),
    ],
)
def test_names_that_cannot_be_told_are_a_wrong_setting(project: Project, names: str, said: str) -> None:
    settings = project(
        declared(f'Overall(key="paid", wanted=int, description="d", names={names}, compare=nothing)')
    )
    expectation = expectations_of(settings)[-1]
    scenario = parse("title: t\nexpect: {paid: 1}\n", expectations_of(settings))
    with pytest.raises(
        SettingsError, match=re.escape(f"{settings.expectations}: expectation 'paid': {said}")
    ):
        list(expectation.named(scenario))
