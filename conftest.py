"""Loads the plugin that collects scenarios, also in a checkout that is not installed. Long ones begin."""

import pytest

pytest_plugins = ["harness.pytest_plugin"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with scenarios of many buckets or objects: one of them takes a third of the time of all."""
    items.sort(key=lambda item: item.get_closest_marker("scale") is None)
