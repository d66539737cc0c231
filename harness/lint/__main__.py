"""The process that runs cfn-lint: a request as JSON on standard input, findings as JSON on standard output.

{"template": "template.yaml", "parameters": {"Stage": "ci"}, "region": "eu-west-1", "cpu_s": 120}

The request is one line. Standard input then stays open. It closes when the parent process exits, and this
process then exits, too.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import resource
import select
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from tempfile import NamedTemporaryFile

gc.disable()  # the process is short-lived; importing cfn-lint creates millions of objects

# ruff: noqa: E402
from cfnlint.config import ConfigMixIn
from cfnlint.context.parameters import ParameterSet
from cfnlint.decode.decode import decode
from cfnlint.exceptions import CfnLintExitException
from cfnlint.helpers import REGION_PRIMARY, REGIONS
from cfnlint.match import Match
from cfnlint.runner import Runner
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from harness.cloudformation.sam import SAM
from harness.cloudformation.transforms import LANGUAGE_EXTENSIONS
from harness.json_types import JsonObject
from harness.lint.bounds import widened
from harness.lint.model import Finding, Key, written
from harness.lint.packaged import package
from harness.lint.rules import LIFECYCLES
from harness.stack.lines import TemplateLines
from harness.stack.template import TemplateError, read_template


class _EndOfTime(datetime):
    """A date on which every runtime is deprecated, so that findings do not depend on today's date."""

    @classmethod
    def today(cls) -> _EndOfTime:
        return cls(9999, 1, 1)


def main() -> int:
    """Lint one template."""
    request = json.loads(sys.stdin.readline())
    _end_after(request["cpu_s"])
    _end_with(sys.stdin.fileno())
    found = findings(Path(request["template"]), request["parameters"], request["region"])
    sys.stdout.write(written(found))
    return 0


def _end_after(seconds: int) -> None:
    """Make the kernel terminate this process after some seconds of processor time, without a core file."""
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = seconds if most == resource.RLIM_INFINITY else min(seconds, most)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _end_with(pipe: int) -> None:
    """Make the kernel terminate this process when a pipe's last writer exits, even during a long C call."""
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)  # SIGIO
    if select.select([pipe], [], [], 0)[0]:  # the writer has already exited
        sys.exit(1)


def findings(path: Path, parameters: Mapping[str, str], region: str = REGION_PRIMARY) -> Iterator[Finding]:
    """Yield cfn-lint's findings for a packaged template in a Region, except those that AWS accepts.

    The working directory's `.cfnlintrc` applies, as does the template's Metadata for cfn-lint.
    """
    template, broken = decode(str(path))
    try:
        config = ConfigMixIn(["--template", str(path)], **_own_settings(parameters, region))
        if template is None:
            yield from _found(broken, {}, config)
            return
        transforms = _transforms(template)
        if not transforms <= {LANGUAGE_EXTENSIONS, SAM}:
            return  # only AWS knows the result of a macro
        if SAM in transforms:
            yield from _of_sam(path, parameters, region)
        else:
            yield from _linted(template, config)
    except CfnLintExitException as error:  # an error in its configuration
        yield Finding("E0003", 1, 1, str(error))


def _of_sam(path: Path, parameters: Mapping[str, str], region: str) -> Iterator[Finding]:
    """Yield the findings in SAM's output for a template, at their locations in the original."""
    try:
        made = read_template(path, parameters, region)
    except TemplateError:
        return  # SAM rejects it; the deployment reports that
    lines = TemplateLines(path)
    with NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(made, file)
        file.flush()
        template, broken = decode(file.name)
        assert template is not None, broken
        config = ConfigMixIn(["--template", file.name], **_own_settings(parameters, region))
        for finding in _linted(template, config):
            where = lines.position(*finding.path)
            yield finding._replace(line=where.line, column=where.column)


def _linted(template: JsonObject, config: ConfigMixIn) -> Iterator[Finding]:
    package(template)
    runner = Runner(config)
    for rule in runner.rules.values():
        if rule.id in LIFECYCLES:
            type(rule).validate.__globals__["datetime"] = _EndOfTime
    yield from _found(runner.validate_template(template), template, config)


def _transforms(template: Mapping[str, object]) -> set[str]:
    named = template.get("Transform", [])
    return {str(name) for name in (named if isinstance(named, list) else [named])}


def _own_settings(parameters: Mapping[str, str], region: str) -> dict[str, object]:
    """Return a deployment's parameters, and its Region if the configuration has no known Region."""
    own: dict[str, object] = {}
    if parameters:
        own["parameters"] = [ParameterSet(source=None, parameters=dict(parameters))]
    configured = set(ConfigMixIn([]).regions)
    if configured == {REGION_PRIMARY} or not configured <= set(REGIONS):
        own["regions"] = [region if region in REGIONS else REGION_PRIMARY]
    return own


def _found(
    matches: Iterable[Match], template: Mapping[str, object], config: ConfigMixIn
) -> Iterator[Finding]:
    off = tuple(filter(None, config.ignore_checks))
    for match in matches:
        if match.rule.id.startswith(off):
            continue
        path = tuple(key if isinstance(key, int) else str(key) for key in getattr(match, "path", ()))
        keyword = str(getattr(match, "validator", "") or "")
        message = match.message + (_nearest_type(template, path) if match.rule.id == "E3006" else "")
        finding = Finding(match.rule.id, match.linenumber, match.columnnumber, message, path, keyword)
        if wider := widened(finding, _resource_type(template, path), _at(template, path)):
            yield wider


def _nearest_type(template: Mapping[str, object], path: tuple[Key, ...]) -> str:
    known = PROVIDER_SCHEMA_MANAGER.get_resource_types(REGION_PRIMARY)
    near = get_close_matches(str(_at(template, path)), known, n=1, cutoff=0.7)
    return f". Did you mean {near[0]!r}?" if near else ""


def _resource_type(template: Mapping[str, object], path: tuple[Key, ...]) -> str:
    if path[:1] != ("Resources",):
        return ""
    kind = _at(template, (*path[:2], "Type"))
    return kind if isinstance(kind, str) else ""


def _at(value: object, path: tuple[Key, ...]) -> object:
    """Return the entry at a path, or None if it does not exist."""
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


if __name__ == "__main__":
    sys.exit(main())
