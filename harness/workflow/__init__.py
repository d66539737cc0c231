"""The Python API that the pytest fixtures build on. Its names are exported in `harness.__all__`."""
