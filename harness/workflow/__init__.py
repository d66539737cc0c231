"""The Python API, on which the pytest fixtures are based. Its names are those of `harness.__all__`."""
