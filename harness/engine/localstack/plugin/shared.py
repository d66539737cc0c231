"""State that executors and routes share: LocalStack creates both, without arguments of ours."""

from __future__ import annotations

from harness.functions.host.accounts import AccountRuntime

ACCOUNTS = AccountRuntime()
