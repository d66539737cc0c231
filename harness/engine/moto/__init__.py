"""The embedded engine: moto in a child process, where Lambda functions and state machines actually run.

Only this package uses moto's internals. Its modules:

- `server` is the child process, and `engine` is the part in the parent process.
- `control` serves the harness's requests outside the AWS API.
- `atomic` runs one request at a time. `bugs` records exceptions, and `speed` makes moto faster.
- `functions`, `versions`, `layers` and `identity` implement Lambda. `stepfunctions` runs the state
  machines.
- `objects` seeds buckets, and `listing` lists buckets and objects.
- `roles` adapts IAM, and `policies` handles the policies on other resources.
- `*_rules` reject the requests that AWS rejects.
- `dynamodb` is the harness's own implementation.
- `stacks` and `resources` implement CloudFormation, and list unsupported features.
- `subscriptions`, `rules`, `notifications` and `mappings` deliver messages from topics, rules, buckets and
  queues.
"""
