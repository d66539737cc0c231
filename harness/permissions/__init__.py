"""Find calls that AWS rejects. Emulators allow calls that IAM does not.

`requests` reads each permission and role from an observation. `needs` returns the actions and resources that
a call requires (`authorization` is its data source). `keys` returns the permissions on KMS keys, `tokens` the
permissions for task tokens, and `integrations` the calls that state machines make themselves.

`policy`, `condition` and `principal` evaluate policies like IAM. `check` combines them. `accepted` removes
the denials that the project accepts, and `usage` records which parts of policies were used. All functions are
pure: policies and calls are values that were read before.
"""
