"""LocalStack in three forms: a running instance, a container, or a local process without Docker.

`running`, `docker` and `host` are the engines with these names. `localstack` selects the first of
them that works (`harness/engine/first_of.py`). `install` creates the virtual environment for
`host`. `plugin` is the part of this repository that LocalStack itself loads.
"""
