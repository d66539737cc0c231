"""The S3 usage report: how much every bucket of an account holds, by file extension.

The orchestrator (orchestrator.asl.json) calls three functions:

    create_state_machine  the account's buckets -> the report machine of this run, started; where it does not
                          carry them (capacity.py), with shards that it starts, and a manifest of the buckets
    describe_execution    its execution -> a status and, when it failed, a text that says where and why
    delete_state_machine  the report machine and its shards -> gone (only after a success)

The report machine (definition.py) calls the other three, the first two once per bucket (or its shards do):

    list_objects          one bucket -> objects and bytes per extension, or why they could not be counted
    put_dynamodb          that outcome -> rows in the table, the status row last
    create_message        all rows of the run -> subject and text of the message, for SNS

A handler reads its event and its environment, and hands AWS clients to plain functions. Problems that
retrying cannot solve (a denied bucket) travel as values, problems that it may solve are raised as
`errors.Transient`, and everything that a person has to act on is raised with a sentence that says so.
"""
