"""`python -m harness.engine.moto ACCOUNT REGION WORLD PORT`: the child process."""

import gc
import sys
from typing import Any

if __name__ == "__main__":
    # Imports produce no garbage, and garbage collection takes a fifth of the start-up time. `preload`
    # enables it again.
    gc.disable()
    from moto import core

    # Other modules import the account ID from these modules. Setting the environment variable would hide
    # the accounts that keys belong to.
    modules: tuple[Any, ...] = (core, core.models)
    for module in modules:
        module.DEFAULT_ACCOUNT_ID = sys.argv[1]
    from harness.engine.moto.server import main

    main(*sys.argv[1:])
