"""`python -m harness.engine.moto ACCOUNT REGION WORLD`: the child process."""

import gc
import sys

if __name__ == "__main__":
    # Nothing that is imported is garbage; looking for it takes a fifth of the start. `preload` turns it on.
    gc.disable()
    from harness.engine.moto.server import main

    main(*sys.argv[1:])
