"""Create the reporter for function code coverage on request. Its dependencies are imported only then."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from harness.engine import kind_of
from harness.report import FORMATS, STDOUT
from harness.settings import Settings, SettingsError

if TYPE_CHECKING:
    from harness.cli.code_coverage import CodeReport


def code_report(arguments: argparse.Namespace, settings: Settings) -> CodeReport | None:
    """Return the reporter that counts executed lines of function code; None if it is not requested.

    Raises:
        SettingsError: the engine or coverage.py does not support this.
    """
    if not arguments.cov and not arguments.cov_append and arguments.cov_min is None:
        return None
    if not kind_of(settings.engine).measures_code:
        raise SettingsError(
            f"--cov: {settings.engine} does not run functions in the harness's own runtime, so it cannot "
            "count their lines; omit --cov, or add --engine moto"
        )
    from harness.cli.code_coverage import CodeReport  # noqa: PLC0415  (most runs do not need it)

    goes_out = STDOUT in [getattr(arguments, each.name) for each in FORMATS]
    return CodeReport(sys.stderr if goes_out else sys.stdout, arguments.cov_min, append=arguments.cov_append)
