"""LocalStack, however it comes: one that already runs, a container, or a local process without Docker.

`choice` takes the first that is usable; `running`, `docker` and `host` are the three by name; `install` makes
the virtual environment that `host` runs in; `plugin` is what LocalStack itself loads of this repository.
"""
