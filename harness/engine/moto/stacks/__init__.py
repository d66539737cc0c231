"""Stacks of CloudFormation: made, changed and deleted here; moto is behind them as the services.

`templates` prepares a template for a stack, `changes` says what it changes, and `deployment` does that,
resource by resource in the order of their references (`making`), with CloudFormation's statuses and events
(`model`), and its way back when something fails. `api` answers the requests, whose parser is moto's;
`shown` has the forms of the answers, `change_sets` those changes that wait. moto's CloudFormationBackend is
left as the place where the stacks of an account and region are kept, which a reset empties.
"""
