"""Generated files and sections in the documentation. `python tests/generated.py` regenerates them.

The tests compare the existing files with the output of `FILES` and `PARTS`.
"""

from __future__ import annotations

import configparser
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import command_reference
import documentation
import error_pages
import failure_picture

from harness.engine import table
from harness.engine.base import Capability
from harness.engine.ministack.engine import MiniStack
from harness.engine.moto.engine import MotoEngine
from harness.engine.remote import WITH_PLUGIN
from harness.exit_codes import MEANINGS
from harness.expect import BUILT_IN
from harness.expect.project import expectations_of
from harness.gate.parts import LAST
from harness.gate.parts import PARTS as GATE_PARTS
from harness.limits.table import LIMITS
from harness.report import json_report
from harness.report.junit import JUnitReport
from harness.scenario.model import Scenario, scenario_model
from harness.scenario.reference import added_reference, reference
from harness.scenario.schema import json_text
from harness.settings import reference as settings_reference
from harness.settings_reading import load_settings

ROOT = Path(__file__).parents[1]
ORDERS = ROOT / "examples" / "orders"
NAIVE = ROOT / "examples" / "naive"
DOCUMENTS = ROOT / "examples" / "documents"
PAYMENTS = ROOT / "examples" / "payments"
IMPORTS = ROOT / "examples" / "imports"
APPROVALS = ROOT / "examples" / "approvals"


def model_of(project: Path) -> type[Scenario]:
    """The model for a project's scenario files."""
    return scenario_model(expectations_of(load_settings(project, {})))


BUILT_IN_MODEL = scenario_model(BUILT_IN)
MODEL = model_of(ROOT)

FILES: Mapping[Path, Callable[[], str]] = {
    ROOT / "scenarios" / "schema.json": lambda: json_text(MODEL),
    ORDERS / "scenarios" / "schema.json": lambda: json_text(model_of(ORDERS)),
    NAIVE / "scenarios" / "schema.json": lambda: json_text(model_of(NAIVE)),
    DOCUMENTS / "scenarios" / "schema.json": lambda: json_text(model_of(DOCUMENTS)),
    PAYMENTS / "scenarios" / "schema.json": lambda: json_text(model_of(PAYMENTS)),
    IMPORTS / "scenarios" / "schema.json": lambda: json_text(model_of(IMPORTS)),
    APPROVALS / "scenarios" / "schema.json": lambda: json_text(model_of(APPROVALS)),
    documentation.DOCS / "images" / "failure.svg": failure_picture.svg,
    **{documentation.DOCS / page: partial(str, text) for page, text in error_pages.error_pages().items()},
}
ABILITIES: Mapping[str, frozenset[Capability]] = {
    "moto": MotoEngine.capabilities,
    "LocalStack of ours": WITH_PLUGIN,
    "LocalStack as a process": WITH_PLUGIN | {Capability.MOCKS},
    "MiniStack": MiniStack.capabilities,
    "endpoint, other LocalStack": frozenset(),
}


def capabilities() -> str:
    """The table of engine features that a scenario may require."""
    rows = []
    for ability in Capability:
        cells = ["yes" if ability in has else "" for has in ABILITIES.values()]
        rows.append(f"| {ability.replace(', nor', ', and')} | {' | '.join(cells)} |")
    return "\n".join((f"| to ... | {' | '.join(ABILITIES)} |", f"|{'---|' * (len(ABILITIES) + 1)}", *rows))


def limits() -> str:
    """The table of enforced AWS limits."""
    rows = [
        f"| `{limit.id}` | {limit.what} | {f'{limit.most:,}' if limit.most else 'no'} {limit.unit} | "
        f"[{limit.source.rpartition('/')[2]}]({limit.source}) |"
        for limit in LIMITS
    ]
    return "\n".join(("| name | what | at most | as AWS says in |", "|---|---|---|---|", *rows))


def rules() -> str:
    """The table of the gate's rules, sorted by part."""
    rows = [
        f"| `{rule.id}` | {part.name} | {rule.level} | {rule.since} | {rule.title} |"
        for part in (*GATE_PARTS, LAST)
        for rule in part.rules
    ]
    return "\n".join(("| rule | part | level | since | finds |", "|---|---|---|---|---|", *rows))


def exit_codes() -> str:
    """The table of exit codes."""
    rows = [f"| {code} | {meaning} |" for code, meaning in MEANINGS.items()]
    return "\n".join(("| code | meaning |", "|---|---|", *rows))


def contracts() -> str:
    """The import contracts, by name."""
    ini = configparser.ConfigParser()
    ini.read(ROOT / ".importlinter")
    return "\n".join(f"- {ini[each]['name']}." for each in ini.sections() if ":contract:" in each)


def told(described: object) -> str:
    """A docstring as Markdown. Indented text becomes a code block."""
    text = inspect.cleandoc(getattr(described, "__doc__", "") or "")
    return re.sub(
        r"(?m)^    .*(?:\n+    .*)*", lambda block: f"```text\n{textwrap.dedent(block[0])}\n```", text
    )


PARTS: Mapping[str, tuple[str, Callable[[], str]]] = {
    "engines": ("reference/engines.md", table),
    "capabilities": ("reference/engines.md", capabilities),
    "limits": ("reference/limits.md", limits),
    "rules": ("reference/gate-rules.md", rules),
    "commands": ("reference/command-line.md", command_reference.reference),
    "JSON report": ("reference/json-and-junit.md", lambda: told(json_report)),
    "JUnit report": ("reference/json-and-junit.md", lambda: told(JUnitReport)),
    "exit codes": ("reference/exit-codes.md", exit_codes),
    "messages": ("how-to/troubleshooting.md", error_pages.troubleshooting),
    "contracts": ("explanation/architecture.md", contracts),
    "settings reference": ("reference/settings.md", settings_reference),
    "scenario reference": ("reference/scenario-file.md", lambda: reference(BUILT_IN_MODEL)),
    "reference of the project's expectations": (
        "how-to/add-expectation.md",
        lambda: added_reference(MODEL, BUILT_IN_MODEL),
    ),
}
"""Generated sections by the text in their marker comments: the page in `docs`, and the generator."""


def with_part(page: str, name: str, text: str) -> str:
    """A page with one of its generated sections replaced."""
    begin, end = (f"<!-- {name}: {edge} -->\n" for edge in ("begin", "end"))
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    assert found, f"the page has no part {name!r}"
    return f"{before}{begin}{text.strip()}\n{end}{after}"


def main() -> None:
    """Regenerate everything."""
    for path, text in FILES.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text(), encoding="utf-8")
    for name, (page, part) in PARTS.items():
        written = with_part(documentation.text_of(page), name, part())
        (documentation.DOCS / page).write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
