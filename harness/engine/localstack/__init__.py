"""LocalStack, however it comes: one that already runs, a container, or a local process without Docker.

`running`, `docker` and `host` are the engines of these names; `localstack` is the first of them that works
(`harness/engine/first_of.py`). `install` makes the virtual environment that `host` runs in; `plugin` is what
LocalStack itself loads of this repository.
"""
