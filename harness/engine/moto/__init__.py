"""The embedded engine: moto in a child process, with Lambda functions and state machines that really run.

Only this package uses moto's internals. Its modules: `functions` (Lambda, with `versions`, `layers` and
`identity`), `stepfunctions` (state machines), `cloudformation` (its errors), `objects` (seeding), `listing`
(buckets and objects), `roles` (IAM), `policies` (of other resources), `atomic` (one request at a time),
`*_rules` (requests that AWS refuses), `dynamodb` (the harness's own implementation), `bugs` (exceptions),
`speed`, and `resources` (the resources of stacks, and the features that are not supported). `subscriptions`,
`rules`, `notifications` and `mappings` deliver the messages of topics, rules, buckets and queues. `server` is
the child process. `control` serves the harness's requests outside the AWS API. `engine` runs in the parent
process.
"""
