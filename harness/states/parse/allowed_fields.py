"""Fields allowed in states and in their nested objects."""

from __future__ import annotations

from typing import Final

from ..query.choice_rules import OPERATORS

_ALL: Final = frozenset({"Type", "Comment", "QueryLanguage"})
_FLOW: Final = frozenset({"Next", "End"})
_PATHS: Final = frozenset({"InputPath", "OutputPath"})
_DATA: Final = _PATHS | {"Output", "Assign"}
_RESULT: Final = frozenset({"Parameters", "Arguments", "ResultSelector", "ResultPath", "Retry", "Catch"})

ALLOWED: Final = {
    "Pass": _ALL | _FLOW | _DATA | {"Result", "ResultPath", "Parameters"},
    "Task": _ALL
    | _FLOW
    | _DATA
    | _RESULT
    | {
        "Resource",
        "TimeoutSeconds",
        "TimeoutSecondsPath",
        "HeartbeatSeconds",
        "HeartbeatSecondsPath",
        "Credentials",
    },
    "Choice": _ALL | _DATA | {"Choices", "Default"},
    "Wait": _ALL | _FLOW | _DATA | {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
    "Succeed": _ALL | _PATHS | {"Output"},
    "Fail": _ALL | {"Error", "ErrorPath", "Cause", "CausePath"},
    "Parallel": _ALL | _FLOW | _DATA | _RESULT | {"Branches"},
    "Map": _ALL
    | _FLOW
    | _DATA
    | (_RESULT - {"Arguments"})
    | {
        "Items",
        "ItemsPath",
        "ItemSelector",
        "ItemReader",
        "ItemBatcher",
        "ItemProcessor",
        "Iterator",
        "Label",
    }
    | {"MaxConcurrency", "MaxConcurrencyPath", "ResultWriter"}
    | {"ToleratedFailureCount", "ToleratedFailureCountPath"}
    | {"ToleratedFailurePercentage", "ToleratedFailurePercentagePath"},
}

TYPES: Final = ("Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map")
"""The state types, in AWS's order."""

REQUIRED: Final = {
    "Task": ("Resource",),
    "Choice": ("Choices",),
    "Parallel": ("Branches",),
}

JSONATA_ONLY: Final = frozenset({"Output", "Arguments", "Items", "Condition"})
_OTHER_RULES: Final = frozenset({"And", "Or", "Not", "Variable"})

RULE: Final = _OTHER_RULES | OPERATORS | {"Comment"}
"""A rule inside And, Or and Not."""
CHOICE: Final = RULE | {"Condition", "Next", "Assign", "Output"}
RETRIER: Final = frozenset(
    {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"}
    | {"Comment"}
)
CATCHER: Final = frozenset({"ErrorEquals", "Next", "ResultPath", "Assign", "Output", "Comment"})
PROCESSOR_CONFIG: Final = frozenset({"Mode", "ExecutionType"})
_CALL: Final = frozenset({"Resource", "Parameters", "Arguments"})
ITEM_READER: Final = _CALL | {"ReaderConfig"}
# https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
READER_CONFIG: Final = frozenset(
    {"InputType", "CSVHeaderLocation", "CSVHeaders", "CSVDelimiter", "MaxItems", "MaxItemsPath"}
    | {"ManifestType", "Transformation", "ItemsPointer"}
)
RESULT_WRITER: Final = _CALL | {"WriterConfig"}
WRITER_CONFIG: Final = frozenset({"Transformation", "OutputType"})
ITEM_BATCHER: Final = frozenset(
    {"BatchInput", "MaxItemsPerBatch", "MaxItemsPerBatchPath"}
    | {"MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"}
)
JSONPATH_ONLY: Final = frozenset(
    {"InputPath", "OutputPath", "Parameters", "Result", "ResultPath", "ResultSelector"}
    | _OTHER_RULES
    | OPERATORS
    | {
        field
        for fields in (*ALLOWED.values(), READER_CONFIG, ITEM_BATCHER)
        for field in fields
        if field.endswith("Path")
    }
)
WORKFLOW: Final = frozenset({"StartAt", "States", "Comment"})
PROCESSOR: Final = WORKFLOW | {"ProcessorConfig"}
MACHINE: Final = WORKFLOW | {"Version", "TimeoutSeconds", "QueryLanguage"}
