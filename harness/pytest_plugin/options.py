"""Options of the plugin: `--harness-engine`, and `--engine` where nobody else has that."""

from __future__ import annotations

import pytest

from harness.setting_kinds import Setting
from harness.settings import SETTINGS

PREFIX = "harness_"
OPTION = "--harness-{}"
SHOW, FILES, LEAST = "--harness-coverage", "--harness-coverage-file", "--harness-coverage-min"
"""The options of coverage of state machines, which are no settings."""
HTML = "--harness-html"
"""The option of the report as a page, which is none either."""


def options() -> tuple[Setting, ...]:
    """The settings that have an option."""
    return tuple(setting for setting in SETTINGS if setting.option)


def translate(args: list[str], parser: pytest.Parser) -> None:
    """Replace short options by ours in the command line, except for those that another plugin has.

    They are not registered: whoever came second with the same option would fail.
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
    except pytest.UsageError:  # it has, and takes other values
        return True
    return not unknown


def needs_definitions(config: pytest.Config) -> bool:
    """Tell whether something needs the definitions of state machines."""
    return covers(config) or config.getoption(HTML) is not None


def covers(config: pytest.Config) -> bool:
    """Tell whether coverage of state machines is asked for."""
    return bool(config.getoption(SHOW) or config.getoption(FILES)) or config.getoption(LEAST) is not None
