"""State that executors and routes share.

LocalStack creates both, and passes them no arguments from the harness.
"""

from __future__ import annotations

from harness.functions.host.accounts import AccountRuntime

ACCOUNTS = AccountRuntime()
