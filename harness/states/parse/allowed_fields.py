"""The fields that each type of state may have, by query language."""

from __future__ import annotations

from typing import Final

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

REQUIRED: Final = {
    "Task": ("Resource",),
    "Choice": ("Choices",),
    "Parallel": ("Branches",),
}

JSONATA_ONLY: Final = frozenset({"Output", "Arguments", "Items"})
JSONPATH_ONLY: Final = frozenset(
    {"InputPath", "OutputPath", "Parameters", "Result", "ResultPath", "ResultSelector"}
    | {field for fields in ALLOWED.values() for field in fields if field.endswith("Path")}
)

QUERY_LANGUAGES: Final = "Value should be one of the following: [JSONPath, JSONata]"
"""AWS's words for another QueryLanguage."""

WORKFLOW: Final = frozenset({"StartAt", "States", "Comment"})
PROCESSOR: Final = WORKFLOW | {"ProcessorConfig"}
MACHINE: Final = WORKFLOW | {"Version", "TimeoutSeconds", "QueryLanguage"}
