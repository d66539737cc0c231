"""Loaded by LocalStack, in LocalStack's own interpreter, as the package `harness_localstack`.

`plugins` is what the entry points of pyproject.toml name, `executor` runs functions through
`harness.functions`, `__main__` starts LocalStack as a child.
Works with localstack-core 4.14.0 and 2026.3.0; nothing here is imported by the rest of the harness.
"""
