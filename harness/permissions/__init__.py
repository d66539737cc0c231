"""Find calls that AWS rejects. Emulators allow calls that IAM does not.

`requests` reads each permission and role from an observation. `needs` returns the actions and resources that
a call requires (`authorization` is its source of data), `keys` the permissions on KMS keys, `tokens` those
for task tokens, `integrations` the calls that state machines make themselves.

`policy`, `condition` and `principal` evaluate policies like IAM. `check` combines them. `accepted` removes
the denials that the project accepts, and `usage` records the used parts of policies. All functions are pure:
policies and calls are values that were read before.
"""
