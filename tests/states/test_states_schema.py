"""AWS's exact words and places for definitions that do not fit the schema, each beside one that does."""

from __future__ import annotations

from typing import Any

import pytest
from states_definitions import END, choice, distributed, machine, mapping, passing, problems, task

from harness.states import InvalidDefinition, parse

NEXT_OR_END = "This object should have only one of the following fields: [Next, End]"
WAITS = "[SecondsPath, Seconds, TimestampPath, Timestamp]"
SELECTORS = "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]"
TEXTS = (
    "Value must be a valid JSONPath, or a valid call of an intrinsic function that returns a string "
    "(States.Format, States.JsonToString, States.ArrayGetItem, States.Base64Encode, States.Base64Decode, "
    "States.Hash, States.UUID)."
)


def words(definition: dict[str, Any], *, express: bool = False) -> list[str]:
    """The problems of a definition; those of the schema without their code."""
    found = problems(definition, express=express)
    return [problem.removeprefix("SCHEMA_VALIDATION_FAILED: ") for problem in found]


def wait(**fields: Any) -> dict[str, Any]:
    return machine({"Type": "Wait", "End": True, **fields})


def fail(**fields: Any) -> dict[str, Any]:
    return machine({"Type": "Fail", **fields})


def retry(**fields: Any) -> dict[str, Any]:
    return task(Retry=[{"ErrorEquals": ["x"], **fields}])


def catch(**fields: Any) -> dict[str, Any]:
    return task(Catch=[{"ErrorEquals": ["x"], "Next": "Z", **fields}])


def jsonata(definition: dict[str, Any]) -> dict[str, Any]:
    return {**definition, "QueryLanguage": "JSONata"}


def without(definition: dict[str, Any], *fields: str) -> dict[str, Any]:
    state = {key: value for key, value in definition["States"]["A"].items() if key not in fields}
    return {**definition, "States": {**definition["States"], "A": state}}


RULE = {"Variable": "$.a", "IsPresent": True, "Next": "Z"}
# What is refused, the problem, and what is nearly the same and taken.
CASES: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "no States": ({"StartAt": "A"}, "These fields are required: [States] at /", passing()),
    "no fields": ({}, "These fields are required: [States, StartAt] at /", passing()),
    "empty States": ({"StartAt": "A", "States": {}}, "Value cannot be empty at /States", passing()),
    "States that are a list": (
        {"StartAt": "A", "States": [END]},
        "Expected value of type [OBJECT] at /States",
        passing(),
    ),
    "TimeoutSeconds of the machine": (
        {**passing(), "TimeoutSeconds": -1},
        "Minimum value is 0 at /TimeoutSeconds",
        {**passing(), "TimeoutSeconds": 0},
    ),
    "Version that is a number": (
        {**passing(), "Version": 1.0},
        "Expected value of type [STRING] at /Version",
        {**passing(), "Version": "1.0"},
    ),
    "unknown Type": (
        machine({"Type": "Nap"}),
        "The field 'Type' should have one of these values: "
        "[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/A/Type",
        machine({"Type": "Succeed"}),
    ),
    "state that is none": (machine([]), "Expected value of type [OBJECT] at /States/A", passing()),  # type: ignore[arg-type]
    "neither Next nor End": (machine({"Type": "Pass"}), f"{NEXT_OR_END} at /States/A", passing()),
    "End that is false": (passing(End=False), f"{NEXT_OR_END} at /States/A", passing(End=True)),
    "End that is a text": (
        passing(End="true"),
        "Expected value of type [BOOLEAN] at /States/A/End",
        passing(End=True),
    ),
    "Next that is null": (
        without(passing(Next=None), "End"),
        "Expected value of type [STRING] at /States/A/Next",
        without(passing(Next="Z"), "End"),
    ),
    "Comment that is null": (
        passing(Comment=None),
        "Expected value of type [STRING] at /States/A/Comment",
        passing(Comment=""),
    ),
    "path that is none": (
        passing(OutputPath="Test"),
        "Value must be a valid JSONPath. at /States/A/OutputPath",
        passing(OutputPath=None),
    ),
    "path to many places": (
        passing(ResultPath="$.a[*]"),
        "Value is not a Reference Path at /States/A/ResultPath",
        passing(ResultPath=None),
    ),
    "template at any depth": (
        passing(Parameters={"a": [{"b.$": "x"}]}),
        "The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call "
        "at /States/A/Parameters",
        passing(Parameters={"a": [{"b.$": "$.x"}]}),
    ),
    "function after a blank": (
        passing(Parameters={"a.$": " States.UUID()"}),
        "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call "
        "at /States/A/Parameters",
        passing(Parameters={"a.$": "States.UUID() "}),
    ),
    "QueryLanguage in another case": (
        passing(QueryLanguage="jsonata", Output=1),
        "Value should be one of the following: [JSONPath, JSONata] at /States/A/QueryLanguage",
        passing(QueryLanguage="JSONata", Output=1),
    ),
    "QueryLanguage that is a number": (
        {**passing(Output=1), "QueryLanguage": 1},
        "Expected value of type [STRING] at /QueryLanguage",
        {**passing(Output=1), "QueryLanguage": "JSONata"},
    ),
    "variable that begins with an underscore": (
        passing(Assign={"_a": 1}),
        "INVALID_VARIABLE_NAME: Invalid variable name '_a': the variable name contains invalid characters. "
        "at /States/A/Assign/_a",
        passing(Assign={"a_": 1}),
    ),
    "no way to wait": (
        wait(),
        f"This object should have only one of the following fields: {WAITS} at /States/A",
        wait(Seconds=0),
    ),
    "two ways to wait": (
        wait(Seconds=1, Timestamp="2030-01-01T00:00:00Z"),
        f"There should only be one of the following fields: {WAITS} at /States/A",
        wait(Timestamp="2030-01-01T00:00:00Z"),
    ),
    "Seconds too large": (
        wait(Seconds=100_000_000),
        "Maximum value is 99999999 at /States/A/Seconds",
        wait(Seconds=99_999_999),
    ),
    "Seconds below zero": (wait(Seconds=-1), "Minimum value is 0 at /States/A/Seconds", wait(Seconds=0)),
    "Seconds that are a path": (
        wait(Seconds="$.seconds"),
        "Expected value of type Integer at /States/A/Seconds",
        wait(SecondsPath="$.seconds"),
    ),
    "Seconds that are null": (
        wait(Seconds=None),
        "Expected value of type Integer at /States/A/Seconds",
        wait(Seconds=1),
    ),
    "Seconds with a fraction": (
        wait(Seconds=1.5),
        "Expected value of type Integer at /States/A/Seconds",
        jsonata(wait(Seconds="{% 1.5 %}")),
    ),
    "SecondsPath that is no path": (
        wait(SecondsPath="seconds"),
        "Value must be a valid JSONPath. at /States/A/SecondsPath",
        wait(SecondsPath="$.seconds"),
    ),
    "Timestamp without T": (
        wait(Timestamp="2030-01-01 00:00:00Z"),
        "String does not match RFC3339 timestamp at /States/A/Timestamp",
        wait(Timestamp="2030-01-01T00:00:00.5Z"),
    ),
    "TimestampPath to many places": (
        wait(TimestampPath="$.a[*].t"),
        "Value is not a Reference Path at /States/A/TimestampPath",
        wait(TimestampPath="$.a[0].t"),
    ),
    "CausePath with a function that gives an array": (
        fail(CausePath="States.Array(1)"),
        f"{TEXTS} at /States/A/CausePath",
        fail(CausePath="States.Format('{}', $.a)"),
    ),
    "ErrorPath that is broken": (
        fail(ErrorPath="States.Format('"),
        f"{TEXTS} at /States/A/ErrorPath",
        fail(ErrorPath="$$.Execution.Name"),
    ),
    "TimeoutSeconds of zero": (
        task(TimeoutSeconds=0),
        "Minimum value is 1 at /States/A/TimeoutSeconds",
        task(TimeoutSeconds=1),
    ),
    "TimeoutSeconds and its path": (
        task(TimeoutSeconds=1, TimeoutSecondsPath="$.t"),
        "There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath] at /States/A",
        task(TimeoutSecondsPath="$.t"),
    ),
    "HeartbeatSeconds and its path": (
        task(HeartbeatSeconds=1, HeartbeatSecondsPath="$.t"),
        "There should only be one of the following fields: [HeartbeatSeconds, HeartbeatSecondsPath] "
        "at /States/A",
        task(HeartbeatSecondsPath="$.t"),
    ),
    "no Resource": (
        without(task(), "Resource"),
        "These fields are required: [Resource] at /States/A",
        task(),
    ),
    "function without region and account": (
        task(Resource="arn:aws:lambda:::function:"),
        "Value is not a valid resource ARN at /States/A/Resource",
        task(Resource="arn:aws:lambda:::function:work"),
    ),
    "Retry that is an object": (
        task(Retry={}),
        "Expected value of type [ARRAY] at /States/A/Retry",
        task(Retry=[]),
    ),
    "retrier that is a text": (
        task(Retry=["x"]),
        "Expected value of type [OBJECT] at /States/A/Retry[0]",
        retry(),
    ),
    "no ErrorEquals": (
        task(Retry=[{"MaxAttempts": 1}]),
        "These fields are required: [ErrorEquals] at /States/A/Retry[0]",
        retry(MaxAttempts=0),
    ),
    "empty ErrorEquals": (
        retry(ErrorEquals=[]),
        "Value cannot be empty at /States/A/Retry[0]/ErrorEquals",
        retry(),
    ),
    "ErrorEquals that is a text": (
        retry(ErrorEquals="x"),
        "Expected value of type [ARRAY] at /States/A/Retry[0]/ErrorEquals",
        retry(),
    ),
    "error that is a number": (
        retry(ErrorEquals=["x", 1]),
        "Expected value of type [STRING] at /States/A/Retry[0]/ErrorEquals[1]",
        retry(ErrorEquals=["x", "y"]),
    ),
    "States.ALL with another error": (
        retry(ErrorEquals=["x", "States.ALL"]),
        "States.ALL must appear alone and at end of list at /States/A/Retry[0]/ErrorEquals[1]",
        retry(ErrorEquals=["States.ALL"]),
    ),
    "IntervalSeconds below zero": (
        retry(IntervalSeconds=-1),
        "Minimum value is 0 at /States/A/Retry[0]/IntervalSeconds",
        retry(IntervalSeconds=0),
    ),
    "MaxAttempts too large": (
        retry(MaxAttempts=100_000_000),
        "Maximum value is 99999999 at /States/A/Retry[0]/MaxAttempts",
        retry(MaxAttempts=99_999_999),
    ),
    "BackoffRate below one": (
        retry(BackoffRate=0.5),
        "Minimum value is 1 at /States/A/Retry[0]/BackoffRate",
        retry(BackoffRate=1),
    ),
    "MaxDelaySeconds too large": (
        retry(MaxDelaySeconds=31_622_401),
        "Maximum value is 31622400 at /States/A/Retry[0]/MaxDelaySeconds",
        retry(MaxDelaySeconds=31_622_400),
    ),
    "JitterStrategy": (
        retry(JitterStrategy="SOME"),
        "Value should be one of the following: [NONE, FULL] at /States/A/Retry[0]/JitterStrategy",
        retry(JitterStrategy="NONE"),
    ),
    "catcher without Next": (
        task(Catch=[{"ErrorEquals": ["x"]}]),
        "These fields are required: [Next] at /States/A/Catch[0]",
        catch(),
    ),
    "Next of a catcher that is null": (
        task(Catch=[{"ErrorEquals": ["x"], "Next": None}]),
        "Expected value of type [STRING] at /States/A/Catch[0]/Next",
        catch(),
    ),
    "ResultPath of a catcher": (
        catch(ResultPath="$..a"),
        "Value is not a Reference Path at /States/A/Catch[0]/ResultPath",
        catch(ResultPath="$.a"),
    ),
    "no Choices": (
        machine({"Type": "Choice", "Default": "Z"}),
        "These fields are required: [Choices] at /States/A",
        choice(RULE),
    ),
    "empty Choices": (choice(), "Value cannot be empty at /States/A/Choices", choice(RULE)),
    "rule of nothing": (choice({"Next": "Z"}), f"{SELECTORS} at /States/A/Choices[0]", choice(RULE)),
    "rule of two kinds": (
        choice({**RULE, "Not": {"Variable": "$.b", "IsNull": True}}),
        f"{SELECTORS} at /States/A/Choices[0]",
        choice({"Not": {"Variable": "$.b", "IsNull": True}, "Next": "Z"}),
    ),
    "two comparisons": (
        choice({**RULE, "IsNull": True}),
        "There should only be one of the following fields: [IsPresent, IsNull] at /States/A/Choices[0]",
        choice(RULE),
    ),
    "Variable that is no path": (
        choice({**RULE, "Variable": "a"}),
        "Value is not a Reference Path at /States/A/Choices[0]/Variable",
        choice({**RULE, "Variable": "$$.Execution.Name"}),
    ),
    "compared path that is none": (
        choice({"Variable": "$.a", "StringEqualsPath": "b", "Next": "Z"}),
        "Value is not a Reference Path at /States/A/Choices[0]/StringEqualsPath",
        choice({"Variable": "$.a", "StringEqualsPath": "$.b", "Next": "Z"}),
    ),
    "empty And": (
        choice({"And": [], "Next": "Z"}),
        "Value cannot be empty at /States/A/Choices[0]/And",
        choice({"And": [{"Variable": "$.b", "IsNull": True}], "Next": "Z"}),
    ),
    "Condition of a JSONPath state": (
        choice({"Condition": "{% true %}", "Next": "Z"}),
        "The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' "
        "QueryLanguage at /States/A/Choices[0]",
        jsonata(choice({"Condition": "{% true %}", "Next": "Z"})),
    ),
    "rule of a JSONata state without Condition": (
        jsonata(choice({"Next": "Z"})),
        "These fields are required: [Condition] at /States/A/Choices[0]",
        jsonata(choice({"Condition": "{% true %}", "Next": "Z"})),
    ),
    "Default that is null": (
        choice(RULE, Default=None),
        "Expected value of type [STRING] at /States/A/Default",
        without(choice(RULE), "Default"),
    ),
    "empty Branches": (
        machine({"Type": "Parallel", "Branches": [], "End": True}),
        "Value cannot be empty at /States/A/Branches",
        machine({"Type": "Parallel", "Branches": [{"StartAt": "B", "States": {"B": END}}], "End": True}),
    ),
    "branch that is a text": (
        machine({"Type": "Parallel", "Branches": ["x"], "End": True}),
        "Expected value of type [OBJECT] at /States/A/Branches[0]",
        machine({"Type": "Parallel", "Branches": [{"StartAt": "B", "States": {"B": END}}], "End": True}),
    ),
    "branch without an end": (
        machine(
            {
                "Type": "Parallel",
                "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "B"}}}],
                "End": True,
            }
        ),
        "MISSING_END_STATE: Workflow has no terminal state at /States/A/Branches[0]",
        machine({"Type": "Parallel", "Branches": [{"StartAt": "B", "States": {"B": END}}], "End": True}),
    ),
    "no processor": (
        without(mapping(), "ItemProcessor"),
        "This object should have only one of the following fields: [ItemProcessor, Iterator] at /States/A",
        mapping(),
    ),
    "two processors": (
        mapping(Iterator={"StartAt": "V", "States": {"V": END}}),
        "There should only be one of the following fields: [ItemProcessor, Iterator] at /States/A",
        mapping(),
    ),
    "ItemsPath to many places": (
        mapping(ItemsPath="$.a[*]"),
        "Value is not a Reference Path at /States/A/ItemsPath",
        mapping(ItemsPath="$$.Execution.Input.a"),
    ),
    "Items of a JSONPath state": (
        mapping(Items=[1]),
        "The QueryLanguage is set to 'JSONPath', but field 'Items' is only supported for the 'JSONata' "
        "QueryLanguage at /States/A",
        jsonata(mapping(Items=[1])),
    ),
    "MaxConcurrency below zero": (
        mapping(MaxConcurrency=-1),
        "Minimum value is 0 at /States/A/MaxConcurrency",
        mapping(MaxConcurrency=0),
    ),
    "MaxConcurrency and its path": (
        mapping(MaxConcurrency=1, MaxConcurrencyPath="$.m"),
        "There should only be one of the following fields: [MaxConcurrency, MaxConcurrencyPath] at /States/A",
        mapping(MaxConcurrencyPath="$.m"),
    ),
    "ToleratedFailurePercentage above 100": (
        distributed(ToleratedFailurePercentage=101),
        "Maximum value is 100 at /States/A/ToleratedFailurePercentage",
        distributed(ToleratedFailurePercentage=2.5),
    ),
    "ToleratedFailureCount below zero": (
        distributed(ToleratedFailureCount=-1),
        "Minimum value is 0 at /States/A/ToleratedFailureCount",
        distributed(ToleratedFailureCount=0),
    ),
    "long Label": (
        distributed(Label="x" * 41),
        f"INVALID_LABEL_NAME: Label name '{'x' * 41}' exceeds the 40-character limit allowed by the service "
        "at /States/A/Label",
        distributed(Label="x" * 40),
    ),
    "MaxItemsPerBatch of zero": (
        distributed(ItemBatcher={"MaxItemsPerBatch": 0}),
        "Minimum value is 1 at /States/A/ItemBatcher/MaxItemsPerBatch",
        distributed(ItemBatcher={"MaxItemsPerBatch": 1}),
    ),
    "path of a batcher in JSONata": (
        jsonata(distributed(ItemBatcher={"MaxItemsPerBatchPath": "$.m"})),
        "The QueryLanguage is set to 'JSONata', but field 'MaxItemsPerBatchPath' is only supported for the "
        "'JSONPath' QueryLanguage at /States/A/ItemBatcher",
        jsonata(distributed(ItemBatcher={"MaxItemsPerBatch": "{% 2 %}"})),
    ),
    "Parameters of a reader in JSONata": (
        jsonata(distributed(ItemReader={"Resource": "arn:aws:states:::s3:getObject", "Parameters": {}})),
        "The QueryLanguage is set to 'JSONata', but field 'Parameters' is only supported for the 'JSONPath' "
        "QueryLanguage at /States/A/ItemReader",
        jsonata(distributed(ItemReader={"Resource": "arn:aws:states:::s3:getObject", "Arguments": {}})),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_words_are_those_of_aws(name: str) -> None:
    refused, problem, accepted = CASES[name]
    assert words(refused) == [problem]
    assert words(accepted) == []


@pytest.mark.parametrize("text", ["", "[]", '"x"', "null"])
def test_what_is_no_object_has_no_place(text: str) -> None:
    with pytest.raises(InvalidDefinition) as raised:
        parse(text)
    (problem,) = raised.value.problems
    assert (problem.message, problem.location) == ("Definition must be a valid JSON object", None)


def test_a_label_is_used_once() -> None:
    def two(first: str, second: str) -> dict[str, Any]:
        a, b = distributed(Label=first)["States"]["A"], distributed(Label=second)["States"]["A"]
        processor = {**b["ItemProcessor"], "StartAt": "V", "States": {"V": END}}
        states = {"A": {**without({"States": {"A": a}}, "End")["States"]["A"], "Next": "B"}}
        return {"StartAt": "A", "States": {**states, "B": {**b, "ItemProcessor": processor}}}

    assert words(two("x", "x")) == ["DUPLICATE_LABEL_NAME: Duplicate Label name: x at /States/B/Label"]
    assert words(two("x", "y")) == []


def scoped(outer: str, inner: str, config: dict[str, Any] | None = None) -> dict[str, Any]:
    """A Pass that assigns before a Map whose processor assigns."""
    state = mapping(config)["States"]["A"]
    state["ItemProcessor"]["States"] = {"W": {**END, "Assign": {f"{inner}.$": "$"}}}
    first = {"Type": "Pass", "Assign": {outer: 1}, "Next": "M"}
    return {"StartAt": "A", "States": {"A": first, "M": state}}


def test_an_inner_variable_has_not_the_name_of_an_outer_one() -> None:
    assert words(scoped("v", "v")) == [
        "DUPLICATE_VARIABLE_NAME: The variable name 'v' was already defined in a parent scope. "
        "at /States/M/ItemProcessor/States/W/Assign/v.$"
    ]
    assert words(scoped("v", "w")) == []
    assert words(scoped("v", "v", {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"})) == []


def test_a_catcher_may_assign_to_a_name_of_the_branch_that_failed() -> None:
    branch = {"StartAt": "B", "States": {"B": {**END, "Assign": {"v": 1}}}}
    catchers = [{"ErrorEquals": ["States.ALL"], "Assign": {"v": 2}, "Next": "Z"}]
    assert words(machine({"Type": "Parallel", "Branches": [branch], "Catch": catchers, "End": True})) == []


EXPRESS: dict[str, tuple[dict[str, Any], str]] = {
    "sync": (
        task(Resource="arn:aws:states:::states:startExecution.sync:2"),
        "Express state machine does not support '.sync' service integration at /States/A/Resource",
    ),
    "token": (
        task(Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken"),
        "Express state machine does not support '.waitForTaskToken' service integration  "
        "at /States/A/Resource",
    ),
    "activity": (
        task(Resource="arn:aws:states:eu-west-1:111111111111:activity:a"),
        "Express state machine does not support Activity ARN at /States/A/Resource",
    ),
    "distributed Map": (
        distributed(),
        "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines "
        "at /States/A/ItemProcessor/ProcessorConfig/Mode",
    ),
}


@pytest.mark.parametrize("name", EXPRESS)
def test_an_express_machine_waits_for_nothing(name: str) -> None:
    definition, problem = EXPRESS[name]
    assert words(definition) == []
    assert words(definition, express=True) == [problem]
    assert words(task(Resource="arn:aws:states:::sqs:sendMessage"), express=True) == []


@pytest.mark.parametrize("kind", ["EXPRESS", "STANDARD"])
def test_express_children_of_a_map_wait_for_nothing(kind: str) -> None:
    definition = distributed(kind)
    processor = definition["States"]["A"]["ItemProcessor"]
    processor["States"]["W"] = EXPRESS["sync"][0]["States"]["A"]
    found = words(definition)
    place = "at /States/A/ItemProcessor/States/W/Resource"
    assert found == (
        [f"Express state machine does not support '.sync' service integration {place}"]
        if kind == "EXPRESS"
        else []
    )


def nested(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"StartAt": "0", "States": {"0": END}}
    for level in range(1, levels):
        state = {"Type": "Parallel", "Branches": [inner], "End": True}
        inner = {"StartAt": f"{level}", "States": {f"{level}": state}}
    return inner


def test_states_that_are_nested_too_deeply_are_refused() -> None:
    assert words(nested(100)) == []
    (found,) = words(nested(101))
    assert found.startswith("TOO_DEEPLY_NESTED: The states are too deeply nested at /States/100/Branches[0]/")
    text = '{"StartAt":"A","States":{"A":{"Type":"Parallel","End":true,"Branches":['
    with pytest.raises(InvalidDefinition) as refused:
        parse(text * 240 + '{"StartAt":"Z","States":{"Z":{"Type":"Succeed"}}}' + "]}}}" * 240)
    (problem,) = refused.value.problems
    assert problem.code == "TOO_DEEPLY_NESTED"
    assert problem.location is not None
