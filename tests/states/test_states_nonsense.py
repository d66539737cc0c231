"""Data that a definition does not expect ends an execution; it never breaks the interpreter."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from states_support import FUNCTION, run

from harness.states import TaskSucceeded

DATA = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-2, 300), st.floats(-5, 5), st.sampled_from(["", "a", "5"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=6,
)
PATHS = st.sampled_from(
    ["$", "$.a", "$.b.c", "$.a[0]", "$..a", "$.a[*]", "$$.State", "$v", "$.a[?(@.b > 1)]"]
)
REFERENCES = st.sampled_from(["$", "$.a", "$.b.c", "$.a[0]", "$v"])
PLACES = st.sampled_from(["$", "$.a", "$.b.c", "$.a[0]", "$v", "$$.State", "$$.State.Name"])
CALLS = st.sampled_from(
    [
        "States.Format('{}', $.a)",
        "States.MathAdd($.a, 1)",
        "States.ArrayGetItem($.a, $.b)",
        "States.JsonMerge($.a, $.b, false)",
        "States.StringSplit($.a, $.b)",
        "States.ArrayRange($.a, $.b, $.c)",
        "States.Base64Decode($.a)",
    ]
)
TEMPLATES = st.dictionaries(st.sampled_from(["x.$", "y.$"]), st.one_of(PATHS, CALLS), max_size=2)
RESULT_PATHS = st.sampled_from(["$", "$.a", "$.b.c", "$.a[0]", None])
ITEM = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}


def states(kind, required=None, **optional):
    fixed = {"Type": st.just(kind), "Next": st.just("Z"), **(required or {})}
    return st.fixed_dictionaries(fixed, optional={"InputPath": PATHS, "OutputPath": PATHS, **optional})


def maps(processor, **optional):
    return states(
        "Map",
        {"ItemProcessor": st.just(processor)},
        ItemsPath=PLACES,
        ItemSelector=TEMPLATES,
        MaxConcurrencyPath=REFERENCES,
        ToleratedFailureCountPath=REFERENCES,
        ToleratedFailurePercentagePath=REFERENCES,
        **optional,
    )


JSONPATH_STATES = st.one_of(
    states("Pass", ResultPath=RESULT_PATHS, Parameters=TEMPLATES, Assign=TEMPLATES, Result=DATA),
    states(
        "Task",
        {"Resource": st.just(FUNCTION)},
        ResultPath=RESULT_PATHS,
        Parameters=TEMPLATES,
        ResultSelector=TEMPLATES,
        TimeoutSecondsPath=REFERENCES,
        HeartbeatSecondsPath=REFERENCES,
    ),
    states("Wait", {"SecondsPath": REFERENCES}),
    states("Wait", {"TimestampPath": PLACES}),
    maps(ITEM),
)

READER_CONFIGS = st.fixed_dictionaries(
    {},
    optional={"MaxItemsPath": REFERENCES, "ItemsPointer": st.sampled_from(["/a", "/0", "b"])},
) | st.sampled_from(
    [
        {"InputType": "JSONL"},
        {"InputType": "MANIFEST"},
        {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
        {"ManifestType": "ATHENA_DATA", "InputType": "JSONL"},
    ]
)
READERS = st.fixed_dictionaries(
    {
        "Resource": st.just("arn:aws:states:::s3:getObject"),
        "Parameters": TEMPLATES,
        "ReaderConfig": READER_CONFIGS,
    }
) | st.fixed_dictionaries(
    {
        "Resource": st.just("arn:aws:states:::s3:listObjectsV2"),
        "Parameters": TEMPLATES,
        "ReaderConfig": st.sampled_from([{}, {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}]),
    }
)
BATCHERS = st.sampled_from(
    [{"MaxItemsPerBatchPath": "$.a"}, {"MaxInputBytesPerBatchPath": "$.b.c"}, {"MaxItemsPerBatch": 2}]
)
WRITERS = st.fixed_dictionaries(
    {"Resource": st.just("arn:aws:states:::s3:putObject"), "Parameters": TEMPLATES}
) | st.sampled_from(
    [{"WriterConfig": {"Transformation": name}} for name in ("NONE", "COMPACT", "FLATTEN")]
    + [{"WriterConfig": {"OutputType": "JSONL"}}]
)
DISTRIBUTED_MAPS = maps(
    {**ITEM, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}},
    ItemReader=READERS,
    ItemBatcher=BATCHERS,
    ResultWriter=WRITERS,
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "Body": st.sampled_from(['[1, {"a": 2}]', '{"a": [1], "0": 3}', "a,b\n1\n", "s3://b/k", "{", ""])
        | DATA,
        "Contents": st.just([{"Key": "k", "Size": 1}, {"Key": "d/", "Size": 0}]) | DATA,
        "IsTruncated": st.booleans(),
        "NextContinuationToken": st.none() | st.just(1),
    },
)

EXPRESSIONS = st.sampled_from(
    [
        "$states",
        "$states.input.a + 1",
        "$sum($states.input)",
        "$partition($states.input.a, $states.input.b)",
        "$range(1, $states.input.a, $states.input.b)",
        "$parse($states.input.c)",
        "function($x){$x}",
        "$v",
        "$states.input.a ~> $count",
    ]
).map(lambda text: f"{{% {text} %}}")
JSONATA_STATES = st.tuples(EXPRESSIONS, EXPRESSIONS).flatmap(
    lambda drawn: st.sampled_from(
        [
            {"Type": "Pass", "Output": {"o": drawn[0]}, "Assign": {"v": drawn[1]}},
            {"Type": "Wait", "Seconds": drawn[0], "Output": drawn[1]},
            {"Type": "Map", "Items": drawn[0], "MaxConcurrency": drawn[1], "ItemProcessor": ITEM},
            {"Type": "Task", "Resource": FUNCTION, "Arguments": drawn[0], "TimeoutSeconds": drawn[1]},
        ]
    ).map(lambda state: {**state, "Next": "Z"})
)


@settings(max_examples=200, deadline=None)
@given(JSONPATH_STATES, DATA)
def test_any_data_for_jsonpath_states(state, data):
    definition = {"StartAt": "S", "States": {"S": state, "Z": {"Type": "Succeed"}}}

    assert not run(json.dumps(definition), data).running


@settings(max_examples=300, deadline=None)
@given(DISTRIBUTED_MAPS, DATA, st.lists(ANSWERS, max_size=3))
def test_any_data_and_any_answer_of_s3_for_distributed_maps(state, data, answers):
    definition = {"StartAt": "S", "States": {"S": state, "Z": {"Type": "Succeed"}}}
    rest = iter(answers)
    execution = run(json.dumps(definition), data, answer=lambda _: TaskSucceeded(next(rest, {})))

    assert not execution.running
    assert json.dumps([event.to_api() for event in execution.history.events], allow_nan=False)


@settings(max_examples=100, deadline=None)
@given(JSONATA_STATES, DATA)
def test_any_data_for_jsonata_states(state, data):
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "S",
        "States": {"S": state, "Z": {"Type": "Succeed"}},
    }
    execution = run(json.dumps(definition), data)

    assert not execution.running
    assert json.dumps([event.to_api() for event in execution.history.events], allow_nan=False)
