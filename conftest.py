"""Loads the plugin that collects scenarios, also in a checkout that is not installed."""

pytest_plugins = ["harness.pytest_plugin"]
