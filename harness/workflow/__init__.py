"""The Python API, of which the pytest fixtures are made; its names are those of `harness.__all__`."""
