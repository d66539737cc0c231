"""Parallel and Map: order, limits, failures, child executions; executions that start executions."""

import json

import pytest
from states_support import FUNCTION, IDENTITY, Port, machine_of, run, times, types

from harness.states import Simulation, Status, TaskFailed, TaskSucceeded, parse
from harness.states.run.nested import NestedExecutions

WAIT = {"Type": "Wait", "Seconds": 10}
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


def workflow(*states):
    return json.loads(machine_of(*states))


def mapping(*states, **fields):
    processor = fields.pop("processor", {})
    return {"Type": "Map", "ItemProcessor": {**workflow(*states), **processor}, **fields}


def test_branches_take_turns_and_their_outputs_keep_their_order():
    branches = [
        workflow(("A", {"Type": "Wait", "Seconds": 5}), ("B", {"Type": "Pass", "Result": 1})),
        workflow(("C", {"Type": "Pass", "Result": 2})),
    ]
    execution = run(machine_of(("P", {"Type": "Parallel", "Branches": branches})))

    assert execution.output.value == [1, 2]
    assert types(execution)[3:6] == ["WaitStateEntered", "PassStateEntered", "PassStateExited"]


def test_a_branch_that_fails_stops_the_others():
    branches = [
        workflow(("A", WAIT), ("F", {"Type": "Fail", "Error": "Boom", "Cause": "bang"})),
        workflow(("B", {"Type": "Wait", "Seconds": 99})),
        workflow(("M", mapping(("W", {"Type": "Wait", "Seconds": 99}), ItemsPath="$.items"))),
    ]
    catch = [{"ErrorEquals": ["Boom"], "ResultPath": "$.error", "Next": "Z"}]
    definition = machine_of(
        ("P", {"Type": "Parallel", "Branches": branches, "Catch": catch, "End": True}),
        ("Z", {"Type": "Pass"}),
    )
    execution = run(definition, {"items": [1]})

    assert execution.output.value == {"items": [1], "error": {"Error": "Boom", "Cause": "bang"}}
    assert execution.ended_at - execution.started_at == 10
    aborted = [event for event in types(execution) if event.endswith("Aborted")]
    assert aborted == ["WaitStateAborted", "WaitStateAborted", "MapIterationAborted", "MapStateAborted"]
    assert types(execution)[types(execution).index("MapStateAborted") + 1] == "ParallelStateFailed"


def test_states_runtime_is_caught_by_nothing():
    branches = [workflow(("A", {"Type": "Pass", "InputPath": "$.missing"}))]
    catch = [{"ErrorEquals": [name], "Next": "Z"} for name in ("States.Runtime", "States.ALL")]
    definition = machine_of(
        ("P", {"Type": "Parallel", "Branches": branches, "Catch": catch, "End": True}),
        ("Z", {"Type": "Pass"}),
    )

    assert run(definition).error == "States.Runtime"


@pytest.mark.parametrize(("concurrency", "seconds"), [(0, 10), (1, 50), (2, 30), (5, 10)])
def test_max_concurrency_is_kept(concurrency, seconds):
    execution = run(machine_of(("M", mapping(("W", WAIT), MaxConcurrency=concurrency))), [1, 2, 3, 4, 5])

    assert execution.output.value == [1, 2, 3, 4, 5]
    assert execution.ended_at - execution.started_at == seconds


def test_an_inline_map_runs_at_most_forty_iterations_at_once():
    execution = run(machine_of(("M", mapping(("W", WAIT)))), list(range(41)))

    assert execution.ended_at - execution.started_at == 20


def test_an_iteration_follows_the_one_whose_place_it_takes():
    execution = run(machine_of(("M", mapping(("P", {"Type": "Pass"}), MaxConcurrency=1))), [1, 2])
    events = execution.history.events
    second = [event for event in events if event.type == "MapIterationStarted"][1]

    assert events[second.previous - 1].type == "PassStateExited"


def test_a_map_that_fails_is_tried_again_as_a_whole():
    retry = [{"ErrorEquals": ["Boom"], "IntervalSeconds": 5, "MaxAttempts": 1}]
    execution = run(machine_of(("M", mapping(("F", {"Type": "Fail", "Error": "Boom"}), Retry=retry))), [1])

    assert times(execution, "MapStateStarted") == [0, 5]
    assert times(execution, "MapStateFailed") == [5]
    assert execution.error == "Boom"


def odd_fails(request):
    return TaskFailed("Odd", "odd") if request.parameters % 2 else TaskSucceeded(request.parameters)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, Status.FAILED),
        ({"ToleratedFailureCount": 1}, Status.FAILED),
        ({"ToleratedFailureCount": 2}, Status.SUCCEEDED),
        ({"ToleratedFailurePercentage": 50}, Status.SUCCEEDED),
        ({"ToleratedFailurePercentage": 49}, Status.FAILED),
        ({"ToleratedFailurePercentage": 90, "ToleratedFailureCount": 1}, Status.FAILED),
    ],
)
def test_a_distributed_map_tolerates_failures(fields, status):
    state = mapping(("T", {"Type": "Task", "Resource": FUNCTION}), processor=DISTRIBUTED, **fields)
    execution = run(machine_of(("M", state)), [1, 2, 3, 4], answer=odd_fails)

    assert execution.status is status
    if status is Status.FAILED:
        assert execution.error == "States.ExceedToleratedFailureThreshold"
        assert types(execution)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


def test_child_executions_have_histories_of_their_own():
    inner = ("P", {"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id", "item.$": "$.v"}})
    state = mapping(inner, processor=DISTRIBUTED, Label="items", ItemSelector={"v.$": "$$.Map.Item.Value"})
    execution = run(machine_of(("M", state)), ["a", "b"])
    outputs = execution.output.value

    assert [output["item"] for output in outputs] == ["a", "b"]
    assert all(":execution:machine/items:" in output["id"] for output in outputs)
    assert len({output["id"] for output in outputs}) == 2
    assert "PassStateEntered" not in types(execution)


@pytest.mark.parametrize(
    ("config", "body", "items"),
    [
        ({"InputType": "JSON"}, "[1, 2]", [1, 2]),
        ({"InputType": "JSON", "MaxItems": 1}, "[1, 2]", [1]),
        ({"InputType": "JSONL"}, "1\n2\n", [1, 2]),
        ({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, "a,b\n1,2\n", [{"a": "1", "b": "2"}]),
        (
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "CSVDelimiter": "PIPE"},
            "a|b\n1|2\n",
            [{"a": "1", "b": "2"}],
        ),
        ({"InputType": "JSON", "MaxItemsPath": "$.most"}, "[1, 2, 3]", [1, 2]),
        (
            {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "b"]},
            "1\n",
            [{"a": "1", "b": ""}],
        ),
    ],
)
def test_items_are_read_through_the_port(config, body, items):
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "Parameters": {"Bucket": "b", "Key.$": "$.key"},
        "ReaderConfig": config,
    }
    state = mapping(("P", {"Type": "Pass"}), processor=DISTRIBUTED, ItemReader=reader)
    simulation = Simulation(port := Port(lambda _: TaskSucceeded({"Body": body})))
    execution = simulation.start(parse(machine_of(("M", state))), IDENTITY, '{"key": "k", "most": 2}')
    simulation.scheduler.run()

    assert execution.output.value == items
    assert port.requests[0].parameters == {"Bucket": "b", "Key": "k"}


def test_items_that_cannot_be_read_fail_the_map():
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {}}
    state = mapping(("P", {"Type": "Pass"}), processor=DISTRIBUTED, ItemReader=reader)

    assert (
        run(machine_of(("M", state)), answer=lambda _: TaskFailed("S3", "gone")).error
        == "States.ItemReaderFailed"
    )


def test_items_are_put_together():
    batcher = {"MaxItemsPerBatch": 2, "BatchInput": {"of.$": "$.name"}}
    fields = {"ItemsPath": "$.items", "ItemBatcher": batcher, "ItemSelector": {"v.$": "$$.Map.Item.Value"}}
    state = mapping(("P", {"Type": "Pass"}), processor=DISTRIBUTED, **fields)
    execution = run(machine_of(("M", state)), {"name": "n", "items": [1, 2, 3]})

    assert execution.output.value == [
        {"BatchInput": {"of": "n"}, "Items": [{"v": 1}, {"v": 2}]},
        {"BatchInput": {"of": "n"}, "Items": [{"v": 3}]},
    ]


@pytest.mark.parametrize(("suffix", "output"), [(".sync", '{"n":1}'), (".sync:2", {"n": 1})])
def test_an_execution_waits_for_one_that_it_starts(suffix, output):
    child = parse(machine_of(("W", {"Type": "Wait", "Seconds": 60})))
    state = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::states:startExecution{suffix}",
        "Parameters": {"StateMachineArn": IDENTITY.machine_arn, "Input": {"n": 1}},
    }
    simulation = Simulation(
        NestedExecutions(lambda given: simulation.start(child, IDENTITY, '{"n":1}', name="child"))
    )
    execution = simulation.start(parse(machine_of(("T", state))), IDENTITY, name="parent")
    simulation.scheduler.run()

    assert execution.output.value["Output"] == output
    assert execution.output.value["Status"] == "SUCCEEDED"
    assert times(execution, "TaskSubmitted") == [0.1]
    assert times(execution, "TaskSucceeded") == [60]


def wide(count, prefix):
    branches = [
        workflow((f"{prefix}{n}", {"Type": "Pass"}), (f"{prefix}{n}-", {"Type": "Pass"}))
        for n in range(count)
    ]
    return prefix, {"Type": "Parallel", "Branches": branches}


def test_thousands_of_branches():
    execution = run(machine_of(wide(5_000, "P")))

    assert (execution.status, len(execution.history.events)) == (Status.SUCCEEDED, 4 + 2 + 4 * 5_000)


def test_too_many_branches_fill_the_history():
    execution = run(machine_of(wide(3_500, "P"), wide(3_500, "Q")))

    assert (execution.status, len(execution.history.events)) == (Status.FAILED, 25_000)


def links(execution):
    return [(event.type, event.previous) for event in execution.history.events]


def test_the_task_that_fails_a_branch_is_aborted_too():
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"}
    branch = json.loads(machine_of(("T", task)))
    execution = run(
        machine_of(("P", {"Type": "Parallel", "Branches": [branch]})), answer=lambda _: TaskFailed("E", "c")
    )

    assert links(execution)[6:] == [
        ("TaskFailed", 6),
        ("TaskStateAborted", 7),
        ("ParallelStateFailed", 7),
        ("ExecutionFailed", 9),
    ]


def test_a_result_that_cannot_be_selected_fails_after_the_branches_succeeded():
    branch = json.loads(machine_of(("A", {"Type": "Pass"})))
    parallel = {"Type": "Parallel", "Branches": [branch], "ResultSelector": {"m.$": "$.nope"}}

    assert links(run(machine_of(("P", parallel))))[5:] == [
        ("ParallelStateSucceeded", 5),
        ("ExecutionFailed", 6),
    ]


def test_a_catcher_that_cannot_be_evaluated_fails_the_state_once_more():
    branch = json.loads(machine_of(("F", {"Type": "Fail", "Error": "E"})))
    catch = [
        {"ErrorEquals": ["Other"], "Next": "Z"},
        {"ErrorEquals": ["States.ALL"], "Output": {"v": "{% $states.input.no %}"}, "Next": "Z"},
    ]
    definition = machine_of(
        ("P", {"Type": "Parallel", "Branches": [branch], "Catch": catch, "End": True}),
        ("Z", {"Type": "Pass"}),
        QueryLanguage="JSONata",
    )
    execution = run(definition)

    assert links(execution)[4:] == [
        ("ParallelStateFailed", 4),
        ("EvaluationFailed", 4),
        ("ParallelStateFailed", 6),
        ("ExecutionFailed", 7),
    ]
    assert execution.history.events[5].details["location"] == "Catch[1]/Output/v"


def test_a_bucket_is_listed_page_by_page():
    entry = {"ETag": "e", "Key": "a", "LastModified": "2025-01-01T00:00:00.000Z", "Size": 1}
    pages = [
        {"Contents": [entry], "IsTruncated": True, "NextContinuationToken": "more"},
        {"Contents": [{**entry, "Key": "b"}], "IsTruncated": False},
    ]
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "photos"}}
    state = mapping(("P", {"Type": "Pass"}), processor=DISTRIBUTED, ItemReader=reader)
    simulation = Simulation(port := Port(lambda _: TaskSucceeded(pages.pop(0))))
    execution = simulation.start(parse(machine_of(("M", state))), IDENTITY)
    simulation.scheduler.run()

    assert [item["Key"] for item in execution.output.value] == ["a", "b"]
    assert execution.output.value[0] == {"Etag": "e", "Key": "a", "LastModified": 1735689600, "Size": 1}
    assert port.requests[1].parameters == {"Bucket": "photos", "ContinuationToken": "more"}


@pytest.mark.parametrize("processor", [{}, DISTRIBUTED], ids=["inline", "distributed"])
def test_an_item_that_cannot_be_selected_fails_the_map_when_its_turn_comes(processor):
    selector = {"n.$": "$$.Map.Item.Value.n"}
    state = mapping(("P", WAIT), processor=processor, ItemSelector=selector, MaxConcurrency=1)
    execution = run(machine_of(("M", state)), [{"n": 1}, {}])

    assert execution.error == "States.Runtime"
    assert "The JSONPath '$$.Map.Item.Value.n' specified for the field 'n.$'" in execution.cause


@pytest.mark.parametrize("resource", ["s3:listObjectsV2", "s3:getObject"])
@pytest.mark.parametrize("answer", [[], {"Contents": 1}, {"Contents": [1]}, {"Body": "1"}, {"Body": "{"}])
def test_an_answer_without_items_fails_the_reader(resource, answer):
    reader = {"Resource": f"arn:aws:states:::{resource}", "Parameters": {"Bucket": "photos"}}
    state = mapping(("P", {"Type": "Pass"}), processor=DISTRIBUTED, ItemReader=reader)
    execution = run(machine_of(("M", state)), answer=lambda _: TaskSucceeded(answer))

    assert execution.error == "States.ItemReaderFailed"


def test_parameters_of_a_reader_that_are_no_object_fail_it():
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Arguments": "{% 'photos' %}"}
    state = mapping(("P", {"Type": "Pass"}), processor=DISTRIBUTED, ItemReader=reader)
    execution = run(machine_of(("M", state), QueryLanguage="JSONata"))

    assert (execution.error, execution.cause) == (
        "States.ItemReaderFailed",
        'The parameters must be an object: "photos"',
    )


def test_results_of_a_distributed_map_are_written():
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "out/"}}
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "F"}],
        "Default": "P",
    }
    steps = (("C", choice), ("P", {"Type": "Pass", "End": True}), ("F", {"Type": "Fail", "Error": "E"}))
    state = mapping(*steps, processor=DISTRIBUTED, ResultWriter=writer, ToleratedFailureCount=1)
    simulation = Simulation(port := Port(lambda _: TaskSucceeded({})))
    execution = simulation.start(parse(machine_of(("M", state))), IDENTITY, "[1, 2, 3]")
    simulation.scheduler.run()

    written = {
        r.parameters["Key"].rpartition("/")[2]: json.loads(r.parameters["Body"]) for r in port.requests
    }
    assert [e["Output"] for e in written["SUCCEEDED_0.json"]] == ["1", "3"]
    assert [(e["Status"], e["Error"]) for e in written["FAILED_0.json"]] == [("FAILED", "E")]
    manifest, result = written["manifest.json"], execution.output.value
    assert [len(manifest["ResultFiles"][name]) for name in ("FAILED", "PENDING", "SUCCEEDED")] == [1, 0, 1]
    assert result["MapRunArn"] == manifest["MapRunArn"]
    assert result["ResultWriterDetails"] == {"Bucket": "b", "Key": port.requests[-1].parameters["Key"]}
    assert result["ResultWriterDetails"]["Key"].startswith("out/")


def test_results_that_cannot_be_written_fail_the_map():
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}}
    state = mapping(("P", {"Type": "Pass"}), processor=DISTRIBUTED, ResultWriter=writer)
    execution = run(machine_of(("M", state)), [1], answer=lambda _: TaskFailed("S3.NoSuchBucket", "gone"))

    assert (execution.error, execution.cause) == ("States.ResultWriterFailed", "gone")
