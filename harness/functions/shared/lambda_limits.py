"""Limits of the Lambda service that more than one process has to know."""

from __future__ import annotations

MAX_RESULT_BYTES = 6_291_556
"""The largest answer of a synchronous invocation: 6 MB and some room for the envelope.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""
