"""The place of the requests that an engine answers beside the AWS API; see `host.control_server`."""

PREFIX = "/_harness/"
"""Paths below this are never AWS's: a bucket's name has no underscore."""
LOOK_HEADER = "X-Harness-Look"
"""The header of an AWS request of one who only looks on, which is not counted."""
SECRET_VARIABLE = "HARNESS_CONTROL_SECRET"  # noqa: S105  (a name)
"""The variable by which an emulator that the harness starts learns the secret of these requests."""
SECRET_HEADER = "X-Harness-Secret"  # noqa: S105  (a name)
"""The header that has the secret of an engine, for requests that no session token can be in."""
