"""The plugin's options: `--harness-engine`, and `--engine` unless another plugin uses it."""

from __future__ import annotations

import pytest

from harness.setting_kinds import Setting
from harness.settings import SETTINGS

PREFIX = "harness_"
OPTION = "--harness-{}"
SHOW, FILES, LEAST = "--harness-coverage", "--harness-coverage-file", "--harness-coverage-min"
"""The options for state machine coverage. They are not settings."""
HTML = "--harness-html"
"""The option for the HTML page. It is not a setting."""


def options() -> tuple[Setting, ...]:
    """Return the settings that have an option."""
    return tuple(setting for setting in SETTINGS if setting.option)


def translate(args: list[str], parser: pytest.Parser) -> None:
    """Replace short options on the command line with ours, except options of other plugins.

    They are not registered, because the second plugin to register an option would fail.
    """
    end = args.index("--") if "--" in args else len(args)
    short = tuple(setting.option for setting in options() if not _has(parser, setting.option))
    for place, argument in enumerate(args[:end]):
        name, equals, value = argument.partition("=")
        if name in short:
            args[place] = OPTION.format(name[2:]) + equals + value


def _has(parser: pytest.Parser, option: str) -> bool:
    try:
        _, unknown = parser.parse_known_and_unknown_args([f"{option}=value"])
    except pytest.UsageError:  # another plugin uses it, with different values
        return True
    return not unknown


def needs_definitions(config: pytest.Config) -> bool:
    """Return whether any option needs the state machine definitions."""
    return covers(config) or config.getoption(HTML) is not None


def covers(config: pytest.Config) -> bool:
    """Return whether state machine coverage is requested."""
    return bool(config.getoption(SHOW) or config.getoption(FILES)) or config.getoption(LEAST) is not None
