"""Cache findings by the content of the checked files, in the user's cache if available."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

from harness import kept_texts
from harness.lint.model import Finding, read

FORMAT: Final = 1
"""A version number. It changes with the findings or their format, independently of cfn-lint and botocore."""
CONFIGURATIONS: Final = (".cfnlintrc", ".cfnlintrc.yaml", ".cfnlintrc.yml")
_FURTHER_FILES: Final = (
    "append_rules",
    "custom_rules",
    "override_spec",
    "registry_schemas",
    "parameter_files",
)
"""Keys in `.cfnlintrc` that specify further relevant files. Findings that use such files are not cached."""


def configuration_folder(template: Path) -> Path:
    """Return the nearest parent folder with a `.cfnlintrc`. Default: the template's folder."""
    folder = template.resolve().parent
    for place in (folder, *folder.parents):
        if any((place / name).is_file() for name in CONFIGURATIONS):
            return place
    return folder


def key(template: Path, parameters: Mapping[str, str], region: str, home: str) -> str | None:
    """Return a cache key for all inputs of the findings, or None if the inputs cannot be determined.

    Raises:
        OSError: the template cannot be read.
    """
    configured = []
    for folder in (configuration_folder(template), Path(home)):
        for name in CONFIGURATIONS:
            with suppress(OSError):
                configured.append((folder / name).read_text(encoding="utf-8", errors="replace"))
    if any(word in text for text in configured for word in _FURTHER_FILES):
        return None
    content = [
        FORMAT,
        version("cfn-lint"),
        version("botocore"),
        template.read_text(encoding="utf-8", errors="replace"),
        configured,
        sorted(parameters.items()),
        region,
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def recall(folder: Path, name: str) -> tuple[Finding, ...] | None:
    """Return the cached findings for a cache key, or None if they do not exist or cannot be read."""
    text = kept_texts.recall(folder, name)
    with suppress(ValueError):
        return None if text is None else read(text)
    return None
