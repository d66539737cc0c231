"""Changes that are only defects during their deployment: runs in progress are incompatible with them."""

from __future__ import annotations

from defect import CODE, TEMPLATE, TWO, Defect, of
from update_projects import Copy

CREATING = "run-1 3 LambdaFunctionScheduled (CreateStateMachine)"
POLLING = "run-1 8 LambdaFunctionScheduled (DescribeExecution)"
WAITING = "run-1 14 WaitStateEntered (Wait)"
DELETING = "run-1 24 LambdaFunctionScheduled (DeleteStateMachine)"
LISTING = " 10 LambdaFunctionScheduled (ListObject1)"
PUTTING = " 20 LambdaFunctionScheduled (PutDynamoDB1)"
COMPOSING = " 29 LambdaFunctionScheduled (CreateMessage)"
POLLING_THEN_BACK = f"{POLLING}, back at {WAITING}"


def a_field_between_functions_is_renamed(new: Copy) -> None:
    new.code("create_state_machine", '"execution_arn": started_arn', '"report_arn": started_arn')
    new.definition('"execution_arn.$": "$.execution_arn"', '"report_arn.$": "$.report_arn"')
    new.code("describe_execution", "    execution_arn: str,\n    shards", "    report_arn: str,\n    shards")
    new.code(
        "describe_execution",
        "    execution = sfn.describe_execution(executionArn=execution_arn)\n    status",
        "    execution_arn = report_arn\n"
        "    execution = sfn.describe_execution(executionArn=execution_arn)\n    status",
    )


def a_field_with_a_default_is_renamed(new: Copy) -> None:
    new.code("list_objects", '"extensions": {e: list', '"by_extension": {e: list')
    new.code("rows", 'counted.get("extensions", {})', 'counted.get("by_extension", {})')


def a_variable_becomes_a_part_of_the_event(new: Copy) -> None:
    new.code("definition", '"counted.$": "$"}', '"counted.$": "$", "retention_days": 90}')
    new.code("put_dynamodb", 'int(environment["ROW_RETENTION_DAYS"])', "0")
    new.code("put_dynamodb", "settings.retention_days * DAY_S", 'event["retention_days"] * DAY_S')
    new.template(
        new.block("PutDynamoDBFunction"),
        new.block("PutDynamoDBFunction").replace("          ROW_RETENTION_DAYS: !Ref RowRetentionDays\n", ""),
    )


def a_function_needs_a_new_variable(new: Copy) -> None:
    block = new.block("PutDynamoDBFunction")
    new.template(block, block.replace("          TABLE_NAME", "          STAGE: test\n          TABLE_NAME"))
    new.code("put_dynamodb", "    settings = Settings", '    os.environ["STAGE"]\n    settings = Settings')


def the_key_of_rows_changes(new: Copy) -> None:
    new.code("rows", 'f"{bucket}/{name}"', 'f"v2/{bucket}/{name}"')
    new.code(
        "create_message", '"bucket_extension > :key", KEPT', '"begins_with(bucket_extension, :key)", "v2/"'
    )
    new.edit("scenarios/rows.py", "key.partition", 'key.removeprefix("v2/").partition')


def a_role_may_do_less(new: Copy) -> None:
    another_function_deletes(new)
    new.template("                  - !GetAtt DeleteStateMachineFunction.Arn\n", "")


def another_function_deletes(new: Copy) -> None:
    block = new.block("DeleteStateMachineFunction")
    other = block.replace("DeleteStateMachineFunction", "RemoveMachineFunction").replace(
        "-delete-state-machine", "-remove-machine"
    )
    new.template(block, f"{block}\n{other}")
    arn = "DeleteStateMachineFunctionArn: !GetAtt DeleteStateMachineFunction.Arn"
    new.template(arn, arn.replace("DeleteStateMachineFunction.Arn", "RemoveMachineFunction.Arn"))
    allowed = "                  - !GetAtt DeleteStateMachineFunction.Arn\n"
    new.template(allowed, allowed + allowed.replace("DeleteStateMachine", "RemoveMachine"))


def a_function_is_removed(new: Copy) -> None:
    a_role_may_do_less(new)
    new.template(new.block("DeleteStateMachineFunction") + "\n", "")


def the_answer_of_a_poll_changes(new: Copy) -> None:
    new.code(
        "describe_execution", '        return {"status": "RUNNING"}', '        return {"status": "WORKING"}'
    )
    new.definition('"StringEquals": "RUNNING"', '"StringEquals": "WORKING"')


def a_payload_has_a_version(new: Copy) -> None:
    new.code(
        "definition", '"state.$": "$$.State",', '"state.$": "$$.State",\n                    "version": 2,'
    )
    new.code(
        "list_objects",
        '    run_id, bucket = event["run_id"], event["bucket"]',
        '    assert event["version"] == 2\n    run_id, bucket = event["run_id"], event["bucket"]',
    )


def what_a_made_machine_reads_is_renamed(new: Copy) -> None:
    new.code(
        "create_message", '{"subject": message.subject, "message"', '{"title": message.subject, "message"'
    )
    new.code("definition", '"Subject.$": "$.subject"', '"Subject.$": "$.title"')


skew = of("scenarios", "updates", scenarios=TWO)
RULE = "update-violation"

SKEWS: dict[str, Defect] = {
    "a field between functions is renamed": skew(
        a_field_between_functions_is_renamed,
        *(RULE, CODE + "create_state_machine.py", '"report_arn": started', "run-1 ended FAILED"),
        point=POLLING,
    ),
    "a field with a default is renamed": skew(
        a_field_with_a_default_is_renamed,
        *(RULE, CODE + "list_objects.py", '"by_extension": {e', "bucket photos is COUNTED with"),
        point=PUTTING,
    ),
    "a variable becomes a part of the event": skew(
        a_variable_becomes_a_part_of_the_event,
        *(RULE, CODE + "put_dynamodb.py", '["TABLE_NAME"], 0', "PutDynamoDBFunction raised KeyError"),
        point=PUTTING,
    ),
    "a function needs a new variable": skew(
        a_function_needs_a_new_variable,
        *(RULE, CODE + "put_dynamodb.py", 'os.environ["STAGE"]', "PutDynamoDBFunction raised KeyError"),
        point=PUTTING,
    ),
    "the key of rows changes": skew(
        the_key_of_rows_changes,
        *(RULE, CODE + "create_message.py", "begins_with", "the report says [0, 0] buckets"),
        point=COMPOSING,
    ),
    "a role may do less": skew(
        a_role_may_do_less,
        *(RULE, TEMPLATE, "- !GetAtt RemoveMachineFunction.Arn"),
        "is not authorized to perform: lambda:InvokeFunction",
        point=DELETING,
    ),
    "a function is removed": skew(
        a_function_is_removed,
        *(RULE, TEMPLATE, "RemoveMachineFunction.Arn", "ended FAILED"),
        point=DELETING,
    ),
    "the answer of a poll changes": skew(
        the_answer_of_a_poll_changes,
        *(RULE, CODE + "describe_execution.py", '"WORKING"', "run-1 ended FAILED"),
        point=POLLING,
    ),
    "a payload has a version": skew(
        a_payload_has_a_version,
        *(RULE, CODE + "list_objects.py", 'event["version"]', "ListObjectsFunction raised"),
        point=LISTING,
    ),
    "what a made machine reads is renamed": skew(
        what_a_made_machine_reads_is_renamed,
        *(RULE, CODE + "create_message.py", '"title"', "run-1 ended FAILED"),
        point=COMPOSING,
    ),
}
