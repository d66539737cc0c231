"""Finds the calls that AWS would have refused: emulators let through what IAM does not allow.

`requests` reads from an observation who needed what as which role: `needs` says which actions and resources
a call takes (`authorization` is the data that it knows it from), `keys` what it takes of KMS keys, `tokens`
whose tasks it answers, `integrations` which calls state machines made themselves. `policy`, `condition` and
`principal` evaluate policies as IAM does, `check` puts it together, `accepted` leaves out what the project
accepts, and `usage` adds up what of the policies was used. Pure: policies and calls are values that somebody
has read.
"""
