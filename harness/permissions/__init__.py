"""Whether AWS would have allowed the calls that were made: emulators let through what IAM refuses.

`needs` says which actions and resources a call takes, `policy` and `condition` evaluate a role's policies
as IAM does, `integrations` reads the calls of the state machines themselves out of their histories, and
`check` puts it together. Pure: policies and calls are values that somebody else has read.
"""
