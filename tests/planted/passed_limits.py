"""Defects that exceed or approach an AWS limit."""

from __future__ import annotations

from defect import CODE, DEFINITION, TEMPLATE, TWO, Defect, code, definition, of, resource

PLAYED = ("scenarios", "made definitions", "behaviour")
SIZES = (*TWO, "scenarios/forty-buckets.yaml")
ENDS = '"Next": lost}],\n                "End": True,\n            },'
MORE = ENDS.replace('"End": True', '"Next": f"Done{number}"')
DONE = '\n            f"Done{number}": {"Type": "Pass", "End": True},'
COUNT = '        "object_count": everything.object_count,'
ASKS = '      "Resource": "${DescribeExecutionFunctionArn}",'
CALLS = '                    "bucket": bucket,\n                    "run_id.$": "$.run_id",'

PASSED_LIMITS: dict[str, Defect] = {
    "a state more for each bucket": of(*PLAYED, scenarios=SIZES)(
        code("definition", ENDS, MORE + DONE),
        *("behaviour-limit-sooner", CODE + "definition.py", '"Next": f"Done', "25,000 events with about 2,0"),
    ),
    "a definition twice as long": of(*PLAYED, scenarios=SIZES)(
        code("definition", CALLS, CALLS + '\n                    "note": "as counted before" * 60,'),
        *("behaviour-limit-sooner", CODE + "definition.py", '"note":', "1,048,576 bytes with about"),
    ),
    "a result near what a state takes": of(*PLAYED, scenarios=TWO)(
        code("list_objects", COUNT, f'{COUNT}\n        "padding": "x" * 240_000,'),
        *("behaviour-limit-near", CODE + "list_objects.py", '"padding"', "at most 262,144 bytes"),
    ),
    "more items than a request takes": of(*PLAYED, scenarios=("scenarios/many-extensions.yaml",))(
        code("put_dynamodb", "BATCH = 25", "BATCH = 26"),
        *("behaviour-broken", CODE + "put_dynamodb.py", "BATCH = 26", "passes on HEAD and fails now"),
    ),
    "variables of more than 4 KB": of("lint", scenarios=TWO)(
        resource("PutDynamoDBFunction", "          TABLE", f"          LOOK: {'x' * 4200}\n          TABLE"),
        *("lint-template", TEMPLATE, "Variables:", "exceeds the 4 KB (4096 bytes) limit"),
        after="  PutDynamoDBFunction:",
    ),
    "less time than the work takes": of("definitions")(
        definition(ASKS, f'      "TimeoutSeconds": 5,\n{ASKS}'),
        *("behaviour-error-handling", DEFINITION, '"TimeoutSeconds": 5', "TimeoutSeconds 5"),
    ),
}
