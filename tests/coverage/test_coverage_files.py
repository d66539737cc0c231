"""Line numbers of edges, and coverage files for editors, CI servers and programs."""

from __future__ import annotations

import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from coverage_support import FUNCTION, coverage, observed

from harness.coverage.edges import Edge
from harness.coverage.model import Coverage
from harness.coverage.output import Output, below, refused
from harness.coverage.places import Places
from harness.observe.model import Observation
from harness.stack.origin import Origin

DEFINITION = """\
{
  "StartAt": "C",
  "States": {
    "C": {
      "Type": "Choice",
      "Choices": [
        {"Variable": "$.n", "NumericEquals": 1, "Next": "W"}
      ],
      "Default": "Z"
    },
    "W": {
      "Type": "Wait",
      "Seconds": ${Seconds},
      "Next": "Z"
    },
    "Z": {"Type": "Succeed"}
  }
}
"""
DEPLOYED = json.loads(DEFINITION.replace("${Seconds}", "5"))
RULE, LATER = Edge("C", "choice", "0"), Edge("W", "next", "Z")


def _template(tmp_path: Path, properties: str) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(
        f"Resources:\n  Flow:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n{properties}"
    )
    return path


def _declared(template: Path) -> Observation:
    seen = observed(DEPLOYED, {"n": 2})
    origin = Origin(template, "stack", "Flow", "AWS::StepFunctions::StateMachine")
    found = {arn: replace(each, name="Flow", origin=origin) for arn, each in seen.definitions.items()}
    return replace(seen, definitions=found)


def _lines(found: Coverage) -> Mapping[str, tuple[str, int]]:
    (machine,) = found.machines
    at, edges = Places(machine), machine.edges
    placed = {name: at.of(edges[edge.id]) for name, edge in (("rule", RULE), ("next", LATER))}
    return {name: (place.file.name, place.line) for name, place in placed.items() if place is not None}


def test_lines_are_those_of_the_definition_file_though_variables_stand_in_it(tmp_path: Path) -> None:
    (tmp_path / "flow.asl.json").write_text(DEFINITION)
    template = _template(tmp_path, "      DefinitionUri: flow.asl.json\n")
    expected = {"rule": ("flow.asl.json", 7), "next": ("flow.asl.json", 14)}
    assert _lines(coverage(_declared(template))) == expected


@pytest.mark.parametrize("head", ["!Sub |", "|"])
def test_lines_of_a_text_in_the_template_are_the_template_s(tmp_path: Path, head: str) -> None:
    text = "".join(f"        {line}\n" for line in DEFINITION.splitlines())
    template = _template(tmp_path, f"      DefinitionString: {head}\n{text}")
    expected = {"rule": ("template.yaml", 12), "next": ("template.yaml", 19)}
    assert _lines(coverage(_declared(template))) == expected


def test_lines_of_an_object_in_the_template(tmp_path: Path) -> None:
    text = "".join(f"        {line}\n" for line in DEFINITION.replace("${Seconds}", "5").splitlines())
    template = _template(tmp_path, f"      Definition:\n{text}")
    assert _lines(coverage(_declared(template)))["rule"] == ("template.yaml", 12)


def test_a_text_in_one_line_has_that_line(tmp_path: Path) -> None:
    text = json.dumps(DEPLOYED).replace("'", "''")
    template = _template(tmp_path, f"      RoleArn: x\n      DefinitionString: '{text}'\n")
    assert set(_lines(coverage(_declared(template))).values()) == {("template.yaml", 6)}


def _made() -> Coverage:
    task = {"Type": "Task", "Resource": FUNCTION, "Retry": [{"ErrorEquals": ["X"]}], "End": True}
    branches = [{"StartAt": f"Load{n}", "States": {f"Load{n}": task}} for n in range(2)]
    states = {"P": {"Type": "Parallel", "Branches": branches, "End": True}}
    return coverage(observed({"StartAt": "P", "States": states}, declared=""))


def test_a_definition_that_stands_in_no_file_is_written_beside_the_report(tmp_path: Path) -> None:
    assert Output(_made(), [tmp_path / "out" / "c.info"]).write() == ()
    made = tmp_path / "out" / "P..LoadN.asl.json"
    lines = made.read_text().splitlines()
    records = _lcov((tmp_path / "out" / "c.info").read_text())
    hits = records[str(made)]
    assert {lines[number - 1].strip() for number in hits if hits[number]} >= {'"Load<n>": {', '"P": {'}


def _lcov(text: str) -> dict[str, dict[int, int]]:
    """A tracefile, read back with its totals checked."""
    found: dict[str, dict[int, int]] = {}
    for record in filter(None, text.split("end_of_record\n")):
        fields = [line.partition(":")[::2] for line in record.splitlines()]
        named = dict(fields)
        lines = dict(map(int, value.split(",")) for key, value in fields if key == "DA")
        taken = [value.split(",")[3] for key, value in fields if key == "BRDA"]
        assert (int(named["LF"]), int(named["LH"])) == (len(lines), sum(map(bool, lines.values())))
        hit = sum(each not in ("-", "0") for each in taken)
        assert (int(named["BRF"]), int(named["BRH"])) == (len(taken), hit)
        found[named["SF"]] = lines
    return found


def test_lcov_has_lines_and_branches(tmp_path: Path) -> None:
    (tmp_path / "flow.asl.json").write_text(DEFINITION)
    template = _template(tmp_path, "      DefinitionUri: flow.asl.json\n")
    file = tmp_path / "c.lcov"
    assert Output(coverage(_declared(template)), [file]).write() == ()
    (lines,) = _lcov(file.read_text()).values()
    assert lines == {4: 1, 7: 0, 9: 1, 11: 0, 14: 0, 16: 1}
    assert [line for line in file.read_text().splitlines() if line.startswith("BRDA")] == [
        "BRDA:4,0,0,0",
        "BRDA:4,0,1,1",
    ]


@pytest.mark.skipif(shutil.which("lcov") is None, reason="lcov is not installed")
def test_debians_lcov_reads_it(tmp_path: Path) -> None:
    Output(_made(), [tmp_path / "c.info"]).write()
    command = ["lcov", "--summary", str(tmp_path / "c.info"), "--rc", "branch_coverage=1"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "lines" in told.stdout


# The content of elements, and their attributes: https://cobertura.github.io/cobertura/xml/coverage-04.dtd
DTD: Mapping[str, tuple[str, str, str]] = {
    "coverage": (
        "sources packages",
        "line-rate branch-rate lines-covered lines-valid branches-covered branches-valid complexity version "
        "timestamp",
        "",
    ),
    "sources": ("source", "", ""),
    "source": ("", "", ""),
    "packages": ("package", "", ""),
    "package": ("classes", "name line-rate branch-rate complexity", ""),
    "classes": ("class", "", ""),
    "class": ("methods lines", "name filename line-rate branch-rate complexity", ""),
    "methods": ("method", "", ""),
    "lines": ("line", "", ""),
    "line": ("conditions", "number hits", "branch condition-coverage"),
    "conditions": ("condition", "", ""),
    "condition": ("", "number type coverage", ""),
}
"""For each element: its children, its required attributes, and its optional attributes."""


def test_cobertura_is_as_its_dtd_says(tmp_path: Path) -> None:
    (tmp_path / "flow.asl.json").write_text(DEFINITION)
    template = _template(tmp_path, "      DefinitionUri: flow.asl.json\n")
    file = tmp_path / "c.xml"
    assert Output(coverage(_declared(template)), [file]).write() == ()
    root = ET.parse(file).getroot()
    for element in root.iter():
        inside, required, optional = (set(each.split()) for each in DTD[element.tag])
        assert [each.tag for each in element if each.tag not in inside] == []
        assert required <= set(element.keys()) <= required | optional
    (line,) = root.findall(".//line[@branch='true']")
    assert line.attrib["condition-coverage"] == "50% (1/2)"
    assert (root.attrib["lines-covered"], root.attrib["lines-valid"]) == ("3", "6")


def test_json_has_each_edge_with_its_place_and_the_lines_that_would_reach_it(tmp_path: Path) -> None:
    (tmp_path / "flow.asl.json").write_text(DEFINITION)
    template = _template(tmp_path, "      DefinitionUri: flow.asl.json\n")
    file = tmp_path / "c.json"
    Output(coverage(_declared(template)), [file]).write()
    (machine,) = json.loads(file.read_text())["machines"]
    edges = {(each["state"], each["label"]): each for each in machine["edges"]}
    rule = edges["C", "rule 1 -> W"]
    assert (rule["line"], rule["hits"]) == (7, 0)
    assert rule["hint"]["lines"] == ['run: {input: {"n": 1}}']
    assert edges["C", "Default -> Z"]["hint"] is None


def test_the_table_has_hints_once_and_what_a_state_leads_to_as_a_number() -> None:
    lines = list(Output(coverage(observed(DEPLOYED, {"n": 2})), []).lines())
    assert lines == [
        "State machine coverage: 50.0 % (3 of 6): states 67 %, transitions 33 %",
        "Machine: 3 of 6",
        "  missed C: rule 1 -> W",
        "  missed W: never entered (and its outgoing edges: 1)",
        "    would be reached by this in scenarios/s1.yaml (instead of the input of its run 1):",
        '      run: {input: {"n": 1}}',
    ]


def test_less_than_what_is_asked_for_is_said() -> None:
    found = coverage(observed(DEPLOYED, {"n": 2}))
    assert below(found, None) == below(found, 1) == ""
    assert below(found, 99) == (
        f"state machine coverage is {found.percent:.1f} %, less than the required 99 %"
    )


def test_a_file_whose_name_tells_no_format_is_refused() -> None:
    assert refused(Path("a.info")) == ""
    assert "a.txt is not a coverage report" in refused(Path("a.txt"))


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (said,) = Output(Coverage(()), [tmp_path / "file" / "c.info"]).write()
    assert "cannot be written" in said
