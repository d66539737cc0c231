"""The S3 usage report: the size of every bucket in an account, by file extension.

The orchestrator (orchestrator.asl.json) calls three functions:

    create_state_machine  the account's buckets -> the report machine of this run, started; if one machine
                          cannot handle them (capacity.py), with child machines (shards) and a manifest
    describe_execution    its execution -> a status and, if it failed, a text that says where and why
    delete_state_machine  the report machine and its shards -> deleted (only after a success)

The report machine (definition.py) calls the other three. It calls the first two once per bucket (or its
shards do):

    list_objects          one bucket -> objects and bytes per extension, or why they could not be counted
    put_dynamodb          that outcome -> rows in the table, the status row last
    create_message        all rows of the run -> subject and text of the message, for SNS

A handler reads its event and its environment, and passes AWS clients to plain functions. Problems that a
retry cannot solve (a denied bucket) are returned as values. Problems that a retry may solve are raised as
`errors.Transient`. Problems that require manual action are raised with a message that says so.
"""
