"""Loads the plugin that collects scenarios, even without installation. Long scenarios start first."""

import pytest

pytest_plugins = ["harness.pytest_plugin"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with scenarios of many buckets or objects: one of them takes a third of the total time."""
    items.sort(key=lambda item: item.get_closest_marker("scale") is None)
