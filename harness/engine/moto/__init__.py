"""The embedded engine: moto in a child process, with Lambda functions and state machines that really run.

Only this package uses moto's internals. Its modules:

- `server` is the child process, and `engine` the part in the parent process.
- `control` serves the harness's requests outside the AWS API.
- `atomic` runs one request at a time. `bugs` records exceptions, and `speed` makes moto faster.
- `functions`, with `versions`, `layers` and `identity`, has Lambda. `stepfunctions` has the state machines.
- `objects` seeds buckets, and `listing` lists buckets and objects.
- `roles` has IAM, and `policies` the policies of other resources.
- `*_rules` refuse requests as AWS does.
- `dynamodb` is the harness's own implementation.
- `stacks` and `resources` have CloudFormation, with the features that are not supported.
- `subscriptions`, `rules`, `notifications` and `mappings` deliver the messages of topics, rules, buckets and
  queues.
"""
