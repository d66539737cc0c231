"""CloudFormation stacks.

This package creates, updates and deletes them, and uses moto's backends as the services.

`templates` prepares a template for a stack. `changes` finds its changes, and `deployment` applies them,
resource by resource in the order of their references (`making`). It sets CloudFormation's statuses and events
(`model`), and rolls back after a failure. `api` responds to requests, which moto parses. `shown` has the
formats of the responses, and `change_sets` the changes that wait for execution. moto's CloudFormationBackend
only stores the stacks of an account and region, and a reset empties it.
"""
