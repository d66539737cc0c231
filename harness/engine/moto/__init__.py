"""The embedded engine: moto in a child process, with Lambda functions and state machines that really run.

The only place that touches moto's internals: `functions` (Lambda, with
`versions`, `layers` and `identity`), `stepfunctions` (state machines),
`cloudformation` (its errors), `objects` (seeding), `listing` (buckets and objects), `roles` (IAM),
`policies` (of other resources), `atomic` (one request at a time), `*_rules` (requests that AWS refuses),
`dynamodb` (its own), `bugs` (exceptions), `speed`, `resources` (what stacks make, and what is not served);
`subscriptions`, `rules`, `notifications` and `mappings` deliver what topics, rules, buckets and queues send.
`server` is the child process, `control` what the harness asks of it beside the AWS API, `engine` the parent's
side.
"""
