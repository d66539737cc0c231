"""LocalStack in three forms: one that already runs, a container, or a local process without Docker.

`running`, `docker` and `host` are the engines of these names. `localstack` is the first of them that works
(`harness/engine/first_of.py`). `install` creates the virtual environment for `host`. `plugin` is the part of
this repository that LocalStack itself loads.
"""
