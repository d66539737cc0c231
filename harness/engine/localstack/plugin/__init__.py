"""The plugin for LocalStack, which LocalStack's own interpreter loads as the package `harness_localstack`.

The entry points in pyproject.toml refer to the objects in `plugins`. `executor` runs functions
through `harness.functions`. `__main__` starts LocalStack as a child. The plugin works with
localstack-core 4.14.0 and 2026.3.0. The rest of the harness never imports it.
"""
