"""What executors and routes share: LocalStack makes them by itself, and gives them nothing of ours."""

from __future__ import annotations

from harness.functions.host.accounts import AccountRuntime

ACCOUNTS = AccountRuntime()
