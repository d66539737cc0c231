"""Notes about functions that ran on a different Python from the one they declare."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.functions.shared.model import Invocation
from harness.notes import Note
from harness.observe.runtimes import runtime_notes
from harness.stack.model import Resource, Stack
from harness.stack.origins import origins_in

TEMPLATE = """\
Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
  Same:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.11}
"""
RAN = Invocation("id", "fn-1", "{}", "1", None, "", 0, 0, runtime="python3.13", python="3.11")


def stack(folder: Path) -> Stack:
    template = folder / "template.yaml"
    template.write_text(TEMPLATE)
    names = {"Fn": "fn-1", "Same": "same-1"}
    resources = {name: Resource("AWS::Lambda::Function", physical) for name, physical in names.items()}
    return Stack("s", {}, resources, origins=origins_in(template))


def test_each_function_is_told_once_at_its_line(tmp_path: Path) -> None:
    same = replace(RAN, function="same-1", runtime="python3.11")
    old = replace(RAN, function="made-by-hand", runtime="python3.9")
    assert runtime_notes(stack(tmp_path), [RAN, RAN, same, old]) == (
        Note(
            "runtime",
            f"{tmp_path / 'template.yaml'}:6",
            "Fn",
            "ran on Python 3.11, declared python3.13; "
            "`harness engines install python3.13` runs it as declared",
        ),
        Note(
            "runtime",
            "",
            "made-by-hand",
            "ran on Python 3.11, declared python3.9, which the harness cannot run",
        ),
    )


def test_a_function_that_ran_as_declared_or_of_unknown_runtime_is_not_told(tmp_path: Path) -> None:
    as_declared = replace(RAN, python="3.13")
    unknown = replace(RAN, runtime="")
    assert runtime_notes(stack(tmp_path), [as_declared, unknown]) == ()


def test_what_was_noted_of_a_function_is_told_once(tmp_path: Path) -> None:
    noted = replace(RAN, python="3.13", notes=("starts other programs",))
    assert runtime_notes(stack(tmp_path), [noted, noted]) == (
        Note("runtime", f"{tmp_path / 'template.yaml'}:2", "Fn", "starts other programs"),
    )
