"""The build of the documentation: `tox -e docs`. It fetches nothing."""

from __future__ import annotations

import re
from importlib import metadata
from typing import Any

project = "stepfunctions-harness"
copyright = "the authors of stepfunctions-harness; Apache-2.0"
release = metadata.version("stepfunctions-harness")
version = release

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
language = "en"

# Anchors of headings, as GitHub makes them; a link to one that is not there is a warning, and `-W` an error.
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
nitpicky = True
# Docstrings refer to types in other packages, whose inventories are not fetched: builds work offline.
nitpick_ignore_regex = [("py:.*", ".*")]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True

# `sh`, `console` and `text` blocks show what programs print, in forms that no lexer knows.
highlight_language = "text"
suppress_warnings = ["misc.highlighting_failure"]

smartquotes = False
html_theme = "furo"
html_title = "stepfunctions-harness"
html_show_sourcelink = False
html_copy_source = False


def mark_code(app: object, what: str, name: str, obj: object, options: Any, lines: list[str]) -> None:
    """Mark code in a docstring: `names`, and what is indented after an empty line."""
    lines[:] = [re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", line) for line in lines]
    for at in range(len(lines) - 1, 0, -1):
        begins = lines[at].startswith("    ") and not lines[at - 1].strip()
        before = next((line for line in reversed(lines[:at]) if line.strip()), "")
        if begins and not before.startswith(" "):
            lines[at:at] = ["::", ""]


def setup(app: Any) -> None:
    """Connect the hooks."""
    app.connect("autodoc-process-docstring", mark_code)
