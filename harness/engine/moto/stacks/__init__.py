"""CloudFormation stacks.

This package creates, updates and deletes stacks, using moto's backends as the services.

`templates` prepares a template for a stack. `changes` finds the resulting changes, and `deployment` applies
them. `deployment` handles resources one after another in dependency order (`making`), sets CloudFormation's
statuses and events (`model`), and rolls back after a failure. `api` responds to requests, which moto parses.
`shown` defines the response formats, and `change_sets` contains the changes that are waiting to be executed.
moto's CloudFormationBackend only stores the stacks in an account and region. A reset empties it.
"""
