"""The place of the requests that an engine answers beside the AWS API; see `host.control_server`."""

PREFIX = "/_harness/"
"""Paths below this are never AWS's: a bucket's name has no underscore."""
