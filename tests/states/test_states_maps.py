"""Maps: objects as items, data sources, numbers from data, children, results, events."""

import gzip
import json
import sys

import pytest
from states_support import IDENTITY, Port, echo, machine_of, run, types

from harness.states import Simulation, Status, TaskFailed, TaskSucceeded, parse
from harness.states.payload import to_text

DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
PASS = {"Type": "Pass"}
GET = "arn:aws:states:::s3:getObject"
LIST = "arn:aws:states:::s3:listObjectsV2"
PUT = "arn:aws:states:::s3:putObject"


def mapping(*states, mode=DISTRIBUTED, **fields):
    processor = json.loads(machine_of(*(states or (("P", PASS),))))
    config = {} if mode is None else {"ProcessorConfig": mode}
    return {"Type": "Map", "ItemProcessor": {**processor, **config}, **fields}


def mapped(payload=None, *states, language="JSONPath", answer=echo, **fields):
    """The execution of a machine that is one Map."""
    definition = machine_of(("M", mapping(*states, **fields)), QueryLanguage=language)
    return run(definition, payload, answer=answer)


def cause_of(execution):
    """The cause without the sentence that names the state."""
    return execution.cause.partition("). ")[2]


# --- Objects as items ------------------------------------------------------------------------------------

SERVERS = {"servers": {"a": {"cpu": 1}, "b": {"cpu": 2}}}
ITEM = {
    "k.$": "$$.Map.Item.Key",
    "v.$": "$$.Map.Item.Value",
    "i.$": "$$.Map.Item.Index",
    "s.$": "$$.Map.Item.Source",
}
JSONATA_ITEM = {name[0]: f"{{% $states.context.{path[3:]} %}}" for name, path in ITEM.items()}
PAIRS = [
    {"k": "a", "v": {"cpu": 1}, "i": 0, "s": "STATE_DATA"},
    {"k": "b", "v": {"cpu": 2}, "i": 1, "s": "STATE_DATA"},
]


@pytest.mark.parametrize("mode", [None, DISTRIBUTED], ids=["inline", "distributed"])
def test_the_pairs_of_an_object_are_items(mode):
    by_path = mapped(SERVERS, mode=mode, ItemsPath="$.servers", ItemSelector=ITEM)
    by_query = mapped(
        SERVERS, language="JSONata", mode=mode, Items="{% $states.input.servers %}", ItemSelector=JSONATA_ITEM
    )
    whole = mapped(SERVERS["servers"], mode=mode)

    assert by_path.output.value == by_query.output.value == PAIRS
    assert whole.output.value == [{"Key": "a", "Value": {"cpu": 1}}, {"Key": "b", "Value": {"cpu": 2}}]
    started = next(event for event in whole.history.events if event.type == "MapStateStarted")
    assert started.details == {"length": 2}


def test_items_of_an_array_have_no_key():
    assert mapped([1], ItemSelector={"k.$": "$$.Map.Item.Key"}).error == "States.Runtime"


def test_an_object_of_the_context_has_no_items():
    execution = mapped({}, mode=None, ItemsPath="$$.Execution")
    assert cause_of(execution) == 'Reference path "$.Execution" must point to array.'


@pytest.mark.parametrize("items", [1, "a", None, True])
def test_what_is_neither_array_nor_object_has_no_items(items):
    assert cause_of(mapped({"x": items}, ItemsPath="$.x")) == 'Reference path "$.x" must point to array.'


# --- ItemReader ------------------------------------------------------------------------------------------


class Bucket:
    """Responds like S3 for objects by bucket and key. Listings have two objects per page."""

    def __init__(self, objects):
        self._objects = objects
        self.read = []

    def __call__(self, request):
        asked = request.parameters
        if request.resource == LIST:
            return TaskSucceeded(self._page(asked))
        self.read.append(asked["Key"])
        body = self._objects.get((asked["Bucket"], asked["Key"]))
        if body is None:
            return TaskFailed("S3.NoSuchKeyException", "The specified key does not exist.")
        return TaskSucceeded({"Body": body.decode("utf-8", "surrogateescape")})

    def _page(self, asked):
        keys = [key for bucket, key in self._objects if bucket == asked["Bucket"]]
        first = int(asked.get("ContinuationToken", 0))
        contents = [
            {"Key": key, "Size": len(self._objects[asked["Bucket"], key]), "ETag": '"e"', "ChecksumType": "x"}
            for key in keys[first : first + 2]
        ]
        more = first + 2 < len(keys)
        return {"Contents": contents, "IsTruncated": more, "NextContinuationToken": str(first + 2)}


def reading(objects, *, resource=GET, key="k", selector=None, **config):
    """The execution of a Map that reads from the bucket `b`, and the bucket."""
    parameters = {"Bucket": "b"} if resource == LIST else {"Bucket": "b", "Key": key}
    reader = {"Resource": resource, "Parameters": parameters, "ReaderConfig": config}
    fields = {} if selector is None else {"ItemSelector": selector}
    bucket = Bucket(objects)
    return mapped({"n": -1}, answer=bucket, ItemReader=reader, **fields), bucket


VALUE_AND_SOURCE = {"v.$": "$$.Map.Item.Value", "s.$": "$$.Map.Item.Source"}


def test_an_object_in_a_file_has_keys_and_a_source():
    selector = {**VALUE_AND_SOURCE, "k.$": "$$.Map.Item.Key"}
    objects = {("b", "k"): b'{"data": {"rows": {"x": [1]}}}'}
    execution, _ = reading(objects, InputType="JSON", ItemsPointer="/data/rows", selector=selector)

    assert execution.output.value == [{"k": "x", "v": [1], "s": "s3://b/k"}]


def test_a_listing_has_awss_members_and_the_buckets_source():
    objects = {("b", "a"): b"1", ("b", "dir/"): b"", ("b", "c"): b"123"}
    execution, _ = reading(objects, resource=LIST)
    sources, _ = reading(objects, resource=LIST, selector={"s.$": "$$.Map.Item.Source"})

    assert execution.output.value == [
        {"Etag": '"e"', "Key": key, "Size": size} for key, size in (("a", 1), ("dir/", 0), ("c", 3))
    ]
    assert sources.output.value == [{"s": "s3://b"}] * 3


def test_the_objects_of_a_listing_are_read_and_flattened():
    objects = {("b", "1"): b"[1, 2]", ("b", "dir/"): b"", ("b", "2"): b'{"x": 3}'}
    execution, _ = reading(
        objects,
        resource=LIST,
        InputType="JSON",
        Transformation="LOAD_AND_FLATTEN",
        selector=VALUE_AND_SOURCE,
    )

    assert execution.output.value == [
        {"v": 1, "s": "s3://b/1"},
        {"v": 2, "s": "s3://b/1"},
        {"v": 3, "s": "s3://b/2"},
    ]


def test_no_more_objects_are_read_than_items_are_asked_for():
    objects = {("b", str(number)): b"[1, 2]" for number in range(6)}
    flattening = {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}
    execution, bucket = reading(objects, resource=LIST, MaxItems=5, **flattening)

    assert execution.output.value == [1, 2, 1, 2, 1]
    assert bucket.read == ["0", "1", "2"]


INVENTORY = {
    "fileFormat": "CSV",
    "fileSchema": "Bucket, Key, Size",
    "destinationBucket": "arn:aws:s3:::other",
    "files": [{"key": "data/1.csv.gz"}],
}


@pytest.mark.parametrize("config", [{"InputType": "MANIFEST"}, {"ManifestType": "S3_INVENTORY"}])
def test_an_inventory_names_the_objects(config):
    rows = b'"photos","a%2Fb.jpg","12"\n"photos","c.jpg","3"\n'
    objects = {
        ("b", "k"): json.dumps(INVENTORY).encode(),
        ("other", "data/1.csv.gz"): gzip.compress(rows, mtime=0),
    }
    execution, _ = reading(objects, **config)

    assert execution.output.value == [
        {"Bucket": "photos", "Key": "a%2Fb.jpg", "Size": "12"},
        {"Bucket": "photos", "Key": "c.jpg", "Size": "3"},
    ]


@pytest.mark.parametrize(
    ("config", "files", "items"),
    [
        ({"InputType": "JSONL"}, [b'{"a":1}\n', gzip.compress(b'{"a":2}\n', mtime=0)], [{"a": 1}, {"a": 2}]),
        (
            {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"]},
            [b"1\n", gzip.compress(b"2\n", mtime=0)],
            [{"a": "1"}, {"a": "2"}],
        ),
    ],
)
def test_athenas_manifest_names_the_files(config, files, items):
    objects = {
        ("b", "k"): b"s3://out/x/1\ns3://out/x/2.gz\n",
        ("out", "x/1"): files[0],
        ("out", "x/2.gz"): files[1],
    }
    execution, bucket = reading(objects, ManifestType="ATHENA_DATA", **config)

    assert execution.output.value == items
    assert bucket.read == ["k", "x/1", "x/2.gz"]


ATHENA = {"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}
NO_INVENTORY = "The object is not the manifest of an Amazon S3 inventory in the format CSV."


@pytest.mark.parametrize(
    ("body", "config", "cause"),
    [
        (b"3", {"InputType": "JSON"}, "Attempting to map over non-iterable node."),
        (b"[]", {"InputType": "MANIFEST"}, NO_INVENTORY),
        (b"{", {"InputType": "MANIFEST"}, NO_INVENTORY),
        (json.dumps({**INVENTORY, "fileFormat": "ORC"}).encode(), {"InputType": "MANIFEST"}, NO_INVENTORY),
        (b"x", ATHENA, "The manifest has a line that is not the address of an S3 object: x"),
        (b"s3://out/gone\n", ATHENA, "The specified key does not exist."),
        (
            b"a,a\n",
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "CSV headers cannot contain duplicates.",
        ),
        (b"[]", {"InputType": "JSON", "MaxItemsPath": "$.n"}, "field MaxItems must be positive"),
    ],
)
def test_data_that_cannot_be_read_fail_the_reader(body, config, cause):
    execution, _ = reading({("b", "k"): body}, **config)

    assert (execution.error, execution.cause) == ("States.ItemReaderFailed", cause)
    assert types(execution)[-4:] == ["MapRunStarted", "MapRunFailed", "MapStateFailed", "ExecutionFailed"]


@pytest.mark.parametrize("config", [{"InputType": "JSON"}, ATHENA])
def test_a_file_that_needs_the_extra_names_it(monkeypatch, config):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    execution, _ = reading({("b", "k.zst"): b"x"}, key="k.zst", **config)

    assert execution.error == "States.Runtime"
    assert execution.cause == "k.zst needs pyarrow: pip install 'stepfunctions-harness[parquet]'"


# --- Numbers that come from data -------------------------------------------------------------------------

NOT_STARTED = "MaxConcurrency is -1. On AWS, a Map with a negative value never starts"


@pytest.mark.parametrize(
    ("field", "value", "cause"),
    [
        ("ToleratedFailureCount", -1, "ToleratedFailureCount cannot be negative."),
        ("ToleratedFailureCount", "-1", "ToleratedFailureCount cannot be negative."),
        ("ToleratedFailurePercentage", -1.1, "ToleratedFailurePercentage must be between 0 and 100."),
        ("ToleratedFailurePercentage", 100.1, "ToleratedFailurePercentage must be between 0 and 100."),
        *(
            (
                field,
                value,
                f'The {field}Path field refers to value "{shown}" which is not a valid {kind}: $.n',
            )
            for field, kind in (
                ("ToleratedFailureCount", "integer"),
                ("ToleratedFailurePercentage", "float"),
                ("MaxConcurrency", "integer"),
            )
            for value, shown in (({}, "{}"), ("many", "many"), ("9" * 5_000, "9" * 5_000))
            if (kind, value) != ("float", "9" * 5_000)
        ),
        ("ToleratedFailureCount", 1.5, "which is not a valid integer: $.n"),
        ("MaxConcurrency", 1.5, "which is not a valid integer: $.n"),
        ("MaxConcurrency", -1, NOT_STARTED),
    ],
)
def test_a_number_of_the_data_that_a_map_does_not_take(field, value, cause):
    execution = mapped({"items": [1], "n": value}, ItemsPath="$.items", **{f"{field}Path": "$.n"})

    assert execution.error == "States.Runtime"
    assert cause in cause_of(execution)
    # MaxConcurrency is looked at before the Map starts, and the others before its run does.
    last = "MapStateEntered" if field == "MaxConcurrency" else "MapStateStarted"
    assert types(execution)[-2:] == [last, "ExecutionFailed"]


@pytest.mark.parametrize("field", ["MaxItemsPerBatch", "MaxInputBytesPerBatch"])
@pytest.mark.parametrize("value", [0, -1, "x", 2.5])
def test_a_limit_of_batches_must_be_positive(field, value):
    fields = {"ItemsPath": "$.items", "ItemBatcher": {f"{field}Path": "$.n"}}
    execution = mapped({"items": [1], "n": value}, **fields)

    assert execution.error == "States.Runtime"
    assert field in cause_of(execution)


@pytest.mark.parametrize(
    ("tolerated", "status"), [(33.3, "FAILED"), (33.4, "SUCCEEDED"), ("50", "SUCCEEDED")]
)
def test_a_percentage_of_the_data_may_have_fractions(tolerated, status):
    fail = ("F", {"Type": "Fail", "Error": "E"})
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "F"}],
        "Default": "P",
    }
    steps = (("C", choice), ("P", {**PASS, "End": True}), fail)
    given = {"items": [1, 2, 3], "n": tolerated}
    execution = mapped(given, *steps, ItemsPath="$.items", ToleratedFailurePercentagePath="$.n")

    assert execution.status is Status[status]


@pytest.mark.parametrize(
    ("field", "value"),
    [("ToleratedFailureCount", -1), ("ToleratedFailurePercentage", 101), ("MaxConcurrency", -1)],
)
def test_a_number_of_jsonata_that_a_map_does_not_take(field, value):
    execution = mapped([1], language="JSONata", **{field: f"{{% {value} %}}"})
    assert execution.error == "States.QueryEvaluationError"


# --- Batches ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", range(20, 80, 7))
def test_batches_are_as_full_as_their_bytes_allow(most):
    items = ["a", "bc", "\u20ac", "dddddddddddddddddddddddddd", 1, {"x": 2}]
    batcher = {"MaxInputBytesPerBatch": most, "BatchInput": {"n": 1}}
    made = mapped(items, ItemBatcher=batcher).output.value

    assert [item for batch in made for item in batch["Items"]] == items
    for batch, following in zip(made, [*made[1:], None], strict=True):
        assert len(batch["Items"]) == 1 or len(to_text(batch).encode()) <= most
        if following:
            longer = {**batch, "Items": [*batch["Items"], following["Items"][0]]}
            assert len(to_text(longer).encode()) > most


# --- Children --------------------------------------------------------------------------------------------


def test_a_childs_input_is_what_the_selector_made():
    inner = ("P", {**PASS, "Parameters": {"in.$": "$$.Execution.Input"}})
    selected = mapped([1, 2], inner, ItemSelector={"n.$": "$$.Map.Item.Value"})
    batched = mapped([1, 2], inner, ItemBatcher={"MaxItemsPerBatch": 2})

    assert selected.output.value == [{"in": {"n": 1}}, {"in": {"n": 2}}]
    assert batched.output.value == [{"in": {"Items": [1, 2]}}]


def test_a_childs_states_see_their_own_execution_and_no_map():
    inner = ("P", {**PASS, "Parameters": {"all.$": "$$"}})
    execution = mapped([1], inner, Label="label")
    context = execution.output.value[0]["all"]

    assert "Map" not in context
    assert context["StateMachine"] == {"Id": f"{IDENTITY.machine_arn}/label", "Name": "machine/label"}
    name = context["Execution"]["Name"]
    base = IDENTITY.machine_arn.replace(":stateMachine:", ":execution:")
    assert context["Execution"]["Id"] == f"{base}/label:{name}"
    assert context["Execution"]["RedriveCount"] == 0
    assert mapped([1], ("P", {**PASS, "InputPath": "$$.Map.Item"})).error is not None


def test_an_iteration_inside_of_a_child_sees_its_own_item_only():
    inner = {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"}
    nested = mapping(("P", {**PASS, "Parameters": inner}), mode=None)
    execution = mapped([["a", "b"]], ("N", nested))

    assert execution.output.value == [[{"i": 0, "v": "a"}, {"i": 1, "v": "b"}]]


def test_a_child_of_a_child_belongs_to_the_same_machine():
    inner = mapping(("P", {**PASS, "Parameters": {"name.$": "$$.StateMachine.Name"}}), Label="inner")
    execution = mapped([[1]], ("N", inner), Label="outer")

    assert execution.output.value == [[{"name": "machine/inner"}]]


# --- Results ---------------------------------------------------------------------------------------------


def odd_fails(request):
    return TaskFailed("Odd", "odd") if request.parameters % 2 else TaskSucceeded([request.parameters] * 2)


TASK = ("T", {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:111111111111:function:work"})


@pytest.mark.parametrize(
    ("config", "outputs"),
    [
        (None, [[2, 2], [4, 4]]),
        ({"Transformation": "COMPACT"}, [[2, 2], [4, 4]]),
        ({"Transformation": "FLATTEN"}, [2, 2, 4, 4]),
    ],
)
def test_a_failure_that_is_tolerated_is_shown_whole(config, outputs):
    fields = {} if config is None else {"ResultWriter": {"WriterConfig": config}}
    execution = mapped([2, 3, 4], TASK, answer=odd_fails, ToleratedFailureCount=1, **fields)
    failed = [result for result in execution.output.value if isinstance(result, dict)]

    assert [result for result in execution.output.value if not isinstance(result, dict)] == outputs
    assert [(one["Status"], one["Error"], one["Cause"], one["Input"]) for one in failed] == [
        ("FAILED", "Odd", "odd", "3")
    ]


def test_results_without_transformation_are_executions():
    execution = mapped([2], TASK, answer=odd_fails, ResultWriter={"WriterConfig": {"Transformation": "NONE"}})
    (shown,) = execution.output.value

    assert list(shown) == sorted(shown)
    assert (shown["Input"], shown["Output"], shown["Status"]) == ("2", "[2,2]", "SUCCEEDED")
    assert (shown["RedriveCount"], shown["RedriveStatus"]) == (0, "NOT_REDRIVABLE")
    assert shown["StateMachineArn"].startswith(f"{IDENTITY.machine_arn}/")


def test_results_may_be_lines():
    writer = {"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"}}
    assert mapped([2, 4], TASK, answer=odd_fails, ResultWriter=writer).output.value == "2\n2\n4\n4\n"


def written(items, answer, **fields):
    """The execution of a Map with ResultWriter, and the contents of the files that it wrote, by name."""

    def answer_all(request):
        return TaskSucceeded({}) if request.resource == PUT else answer(request)

    port = Port(answer_all)
    simulation = Simulation(port)
    definition = machine_of(("M", mapping(TASK, **fields)))
    execution = simulation.start(parse(definition), IDENTITY, json.dumps(items))
    simulation.scheduler.run()
    files = {one.parameters["Key"]: one.parameters["Body"] for one in port.requests if one.resource == PUT}
    return execution, files


def test_files_have_the_form_that_the_writer_asks_for():
    writer = {
        "Resource": PUT,
        "Parameters": {"Bucket": "out", "Prefix": "jobs/day"},
        "WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"},
    }
    execution, files = written([2, 3], odd_fails, ResultWriter=writer, ToleratedFailureCount=1)
    run_id = execution.output.value["MapRunArn"].rpartition(":")[2]
    folder = f"jobs/day/{run_id}"

    assert list(files) == [
        f"{folder}/FAILED_0.json",
        f"{folder}/SUCCEEDED_0.json",
        f"{folder}/manifest.json",
    ]
    assert files[f"{folder}/SUCCEEDED_0.json"] == "2\n2\n"
    assert json.loads(files[f"{folder}/FAILED_0.json"])["Error"] == "Odd"
    assert json.loads(files[f"{folder}/manifest.json"]) == {
        "DestinationBucket": "out",
        "MapRunArn": execution.output.value["MapRunArn"],
        "ResultFiles": {
            "FAILED": [{"Key": f"{folder}/FAILED_0.json", "Size": len(files[f"{folder}/FAILED_0.json"])}],
            "PENDING": [],
            "SUCCEEDED": [{"Key": f"{folder}/SUCCEEDED_0.json", "Size": 4}],
        },
    }
    assert execution.output.value["ResultWriterDetails"] == {
        "Bucket": "out",
        "Key": f"{folder}/manifest.json",
    }


def test_a_run_that_fails_writes_what_did_not_start():
    writer = {"Resource": PUT, "Parameters": {"Bucket": "out"}}
    execution, files = written([2, 3, 4, 5], odd_fails, ResultWriter=writer, MaxConcurrency=1)
    by_name = {key.rpartition("/")[2]: json.loads(body) for key, body in files.items()}

    assert execution.error == "States.ExceedToleratedFailureThreshold"
    assert [one["Input"] for one in by_name["PENDING_0.json"]] == ["4", "5"]
    assert [one["Input"] for one in by_name["FAILED_0.json"]] == ["3"]
    assert [one["Input"] for one in by_name["SUCCEEDED_0.json"]] == ["2"]


@pytest.mark.parametrize("parameters", [{}, {"Bucket": 1}, {"Bucket": "b", "Prefix": []}])
def test_a_writer_without_a_place_fails(parameters):
    execution = mapped([1], ResultWriter={"Resource": PUT, "Parameters": parameters})
    assert execution.error == "States.ResultWriterFailed"


# --- Events ----------------------------------------------------------------------------------------------


def exits(execution):
    """The type of the event that the Map's exit follows."""
    events = execution.history.events
    return [events[event.previous - 1].type for event in events if event.type == "MapStateExited"]


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_the_exit_of_a_distributed_map_follows_the_start_of_its_run(language):
    assert exits(mapped([1], language=language)) == ["MapRunStarted"]
    assert exits(mapped([], language=language)) == ["MapRunStarted"]
    assert exits(mapped([2, 3], TASK, answer=odd_fails, ToleratedFailureCount=1)) == ["MapRunStarted"]
    assert exits(reading({("b", "k"): b"[1]"}, InputType="JSON")[0]) == ["MapRunStarted"]
    assert exits(mapped([[1]], ("N", mapping()))) == ["MapRunStarted"]


def test_the_exit_of_an_inline_map_follows_its_last_iteration():
    assert exits(mapped([1], mode=None)) == ["MapIterationSucceeded"]


def test_the_other_links_of_a_distributed_map():
    events = mapped([1]).history.events
    assert [(event.type, event.previous) for event in events[2:]] == [
        ("MapStateStarted", 2),
        ("MapRunStarted", 3),
        ("MapRunSucceeded", 4),
        ("MapStateSucceeded", 5),
        ("MapStateExited", 4),
        ("ExecutionSucceeded", 7),
    ]


def test_states_show_the_input_as_compact_json():
    text = '[ 1,\n "\\u00e4",  {"a" : 2.0} ]'
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"}
    simulation = Simulation(Port(echo))
    execution = simulation.start(parse(machine_of(("P", PASS), ("T", task))), IDENTITY, text)
    simulation.scheduler.run()
    first, *others = [event.details for event in execution.history.events]
    fields = ("input", "output", "parameters")
    shown = {details[field] for details in others if details for field in fields if field in details}

    assert first["input"] == text == execution.input.text
    assert shown == {'[1,"\u00e4",{"a":2.0}]'}
