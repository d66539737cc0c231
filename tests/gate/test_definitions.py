"""Differences between two definitions."""

import copy

import pytest

from harness.gate.definitions import changes

RETRY = {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 3}
DEFINITION = {
    "Comment": "orders",
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "f", "Payload": {"id.$": "$.id"}},
            "TimeoutSeconds": 60,
            "Retry": [RETRY, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
            "Next": "Which",
        },
        "Which": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Each"}],
            "Default": "Done",
        },
        "Each": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "One",
                "States": {"One": {"Type": "Pass", "End": True}},
            },
            "End": True,
        },
        "Done": {"Type": "Succeed"},
        "Failed": {"Type": "Fail", "Error": "No"},
    },
}


def changed(change):
    later = copy.deepcopy(DEFINITION)
    change(later)
    return [(found.state, found.what, found.kind, found.keys) for found in changes(DEFINITION, later)]


def set_to(value, *keys):
    def change(definition):
        found = definition
        for key in keys[:-1]:
            found = found[key]
        if value is None:
            del found[keys[-1]]
        else:
            found[keys[-1]] = value

    return change


def rename(definition):
    definition["States"]["End"] = definition["States"].pop("Done")
    definition["States"]["Which"]["Default"] = "End"


def reorder(definition):
    definition["States"] = dict(reversed(definition["States"].items()))
    definition["States"]["Ask"] = dict(reversed(definition["States"]["Ask"].items()))


def iterator(definition):
    state = definition["States"]["Each"]
    state["Iterator"] = state.pop("ItemProcessor")


@pytest.mark.parametrize(
    "change",
    [
        set_to("others", "Comment"),
        set_to("asks", "States", "Ask", "Comment"),
        set_to("$", "States", "Each", "InputPath"),
        set_to(0, "States", "Each", "MaxConcurrency"),
        set_to(
            {"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "BackoffRate": 2.0},
            *("States", "Ask", "Retry", 0),
        ),
        rename,
        reorder,
        iterator,
    ],
)
def test_what_makes_no_difference(change):
    assert changed(change) == []


@pytest.mark.parametrize(
    ("change", "state", "what", "kind"),
    [
        (
            set_to([RETRY], "States", "Ask", "Retry"),
            *("Ask", "States.ALL is no longer retried (1 times)", "handling"),
        ),
        (
            set_to(1, "States", "Ask", "Retry", 0, "MaxAttempts"),
            *("Ask", "States.Timeout is retried with MaxAttempts 1, previously 3", "handling"),
        ),
        (
            set_to(None, "States", "Ask", "Catch"),
            *("Ask", "States.ALL is no longer caught", "handling"),
        ),
        (
            set_to("Done", "States", "Ask", "Catch", 0, "Next"),
            *("Ask", "States.ALL is caught with Next Done, previously Failed", "handling"),
        ),
        (
            set_to(None, "States", "Ask", "TimeoutSeconds"),
            *("Ask", "TimeoutSeconds 99999999, previously 60", "handling"),
        ),
        (set_to("Done", "States", "Ask", "Next"), "Ask", "Next Done, previously Which", "flow"),
        (set_to("Which", "StartAt"), "", "starts at Which, previously at Ask", "flow"),
        (set_to("Each", "States", "Which", "Default"), "Which", "Default Each, previously Done", "flow"),
        (
            set_to("$.key", "States", "Ask", "Parameters", "Payload", "id.$"),
            *("Ask", "Parameters.Payload.id.$ $.key, previously $.id", "task"),
        ),
        (set_to({"Type": "Pass", "End": True}, "States", "More"), "More", "is new", "flow"),
        (set_to(None, "States", "Done"), "Done", "was removed", "flow"),
        (set_to("Wait", "States", "Done", "Type"), "Done", "is a Wait state, previously Succeed", "task"),
        (
            set_to(1, "States", "Each", "ItemProcessor", "States", "One", "Result"),
            *("One", "Result 1, previously none", "task"),
        ),
        (
            set_to(
                [{"Variable": "$.n", "NumericGreaterThan": 2, "Next": "Each"}], "States", "Which", "Choices"
            ),
            "Which",
            "Choices[0].NumericGreaterThan 2, previously 1",
            "flow",
        ),
    ],
)
def test_what_changes_is_said(change, state, what, kind):
    (found,) = changed(change)
    assert found[:3] == (state, what, kind)


def test_a_change_leads_to_its_place():
    (found,) = changed(set_to("$.key", "States", "Ask", "Parameters", "Payload", "id.$"))
    assert found[3] == ("States", "Ask", "Parameters")
    (found,) = changed(set_to(None, "States", "Ask", "Catch"))
    assert found[3] == ("States", "Ask")


def test_branches_are_compared_one_by_one():
    branch = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    other = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": True}}}
    both = [
        {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}}}
        for branches in ([branch, branch], [branch, other], [branch])
    ]
    (found,) = changes(both[0], both[1])
    assert (found.state, found.keys) == ("A", ("States", "P", "Branches", 1, "States", "A", "Result"))
    (found,) = changes(both[0], both[2])
    assert found.what == "has 1 branches, previously 2"
