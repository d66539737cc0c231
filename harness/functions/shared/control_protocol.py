"""The path for the engine's own requests, in addition to the AWS API; see `host.control_server`."""

PREFIX = "/_harness/"
"""Paths below this one never collide with AWS paths, because bucket names cannot contain underscores."""
LOOK_HEADER = "X-Harness-Look"
"""The header that marks an AWS request as an observer's request, which is not counted."""
SECRET_VARIABLE = "HARNESS_CONTROL_SECRET"  # noqa: S105  (a name)
"""The variable that passes the secret for these requests to an emulator started by the harness."""
SECRET_HEADER = "X-Harness-Secret"  # noqa: S105  (a name)
"""The header with an engine's secret, for requests that cannot have a session token."""
