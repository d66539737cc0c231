"""The tree of `harness run -v`: execution > state > invocation > AWS call."""

from __future__ import annotations

from dataclasses import replace

import report_samples as samples
from rich.text import Text

from harness.report.nodes import Node, lines, one_of_each, without_repeats
from harness.report.tree import calls_of, forest
from harness.testing import a_call, an_invocation, observed

TREE = """\
run-1 of Orchestrator  FAILED  2 s  ReportFailed
├── CreateStateMachine  ok  +2 s  took 1 s
└── Failed  failed  +4 s
run-1 of report-run-1  FAILED  2 s  KeyError
├── Start  ok  +2 s  took 1 s
└── Buckets  stopped  +4 s
    ├── branch 1  bucket attic
    │   └── ListObject1  ok  +6 s  took 6 s
    │       └── lambda:Invoke  succeeded  ListObjectsFunction
    └── branch 2  bucket photos
        └── ListObject2  failed: KeyError  +7 s  2 attempts
            ├── ListObjectsFunction  KeyError  0.214 s
            └── ListObjectsFunction  KeyError  0.214 s  attempt 2
                ├── s3:ListObjectsV2  403 AccessDenied, fault  Bucket=photos
                └── s3:ListObjectsV2  403 AccessDenied, fault  Bucket=photos"""


def text(nodes: tuple[Node, ...], width: int = 110) -> str:
    return "\n".join(line.plain for line in lines(nodes, width))


def leaves(*kinds: str) -> list[Node]:
    return [Node(kind, Text(f"{kind} {n}"), kind) for n, kind in enumerate(kinds)]


def labels(nodes: tuple[Node, ...]) -> list[str]:
    return [node.label.plain for node in nodes]


def test_all_that_happened_is_shown_where_it_belongs() -> None:
    assert text(forest(samples.observation())) == TREE


def test_an_invocation_that_no_state_machine_made_has_a_tree_of_its_own() -> None:
    alone = observed(invocations=[an_invocation("usage-list-objects", duration_s=0.214)])
    assert text(forest(alone)) == (
        "invocations without a known execution\n└── usage-list-objects  ok  0.214 s"
    )


def test_an_invocation_that_ended_well_and_whose_answer_was_lost_says_so() -> None:
    seen = samples.observation()
    fine = tuple(replace(invocation, error=None) for invocation in seen.invocations)
    assert "ListObjectsFunction  ok, but the state got KeyError  0.214 s" in text(
        forest(replace(seen, invocations=fine))
    )


def test_a_running_execution_is_not_shown_as_failed() -> None:
    running = replace(
        samples.orchestrator("RUNNING"), stopped_at=None, events=samples.orchestrator().events[:2]
    )
    shown = text(forest(observed(running)))
    assert shown.splitlines() == [
        "run-1 of Orchestrator  RUNNING  ReportFailed",
        "└── CreateStateMachine  running  +2 s",
    ]


def test_calls_that_were_retried_say_how_often() -> None:
    slow = replace(a_call("s3:ListObjectsV2", "SlowDown", Bucket="photos"), status=503, attempts=5)
    assert text(calls_of(samples.failed_invocation("a", "", slow))) == (
        "s3:ListObjectsV2  503 SlowDown, 5 attempts  Bucket=photos"
    )


def test_lines_are_cut_at_the_width_and_control_characters_are_shown() -> None:
    call = a_call("s3:PutObject", Bucket="photos", Key="\x1b[2J" + "k" * 80)
    (shown,) = text(calls_of(samples.failed_invocation("a", "", call)), 60).splitlines()
    assert len(shown) == 60
    assert shown.startswith("s3:PutObject  200  Bucket=photos Key=\\x1b[2Jkkk")
    assert shown.endswith("…")


def test_of_a_loop_the_first_round_is_shown_and_how_many_more_there_are() -> None:
    steps = leaves("Start", *("Wait", "Ask", "Choose") * 4, "Wait", "Ask", "End")
    assert labels(without_repeats(steps)) == [
        "Start 0",
        "Wait 1",
        "Ask 2",
        "Choose 3",
        "… and 3 more times: Wait, Ask, Choose",
        "Wait 13",
        "Ask 14",
        "End 15",
    ]
    assert labels(without_repeats(leaves("a", "a", "a", "b", "b"))) == [
        "a 0",
        "… and 2 more like this",
        "b 3",
        "b 4",
    ]


def test_of_branches_that_are_alike_one_is_shown_wherever_they_are() -> None:
    kinds = ("good", "bad", *["good"] * 38)
    assert labels(one_of_each(leaves(*kinds))) == ["good 0", "… and 38 more like this", "bad 1"]


def test_what_is_below_decides_too_whether_two_are_alike() -> None:
    def parent(kind: str) -> Node:
        return Node("p", Text("p"), "p", tuple(leaves(kind)))

    assert len(one_of_each([parent("a"), parent("a"), parent("b")])) == 3
    assert labels(one_of_each([parent("a"), parent("a"), parent("a")])) == ["p", "… and 2 more like this"]
