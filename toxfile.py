"""Makes the Pythons of pyenv visible to tox.

tox-uv finds Pythons on PATH, where pyenv puts only shims. The shim of an unselected version fails.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

from tox.config.cli.parser import ToxParser
from tox.plugin import impl


@impl
def tox_add_option(parser: ToxParser) -> None:
    """Prepare the environment in which tox looks for Pythons. tox calls this hook first."""
    show_pythons(os.environ)


def show_pythons(environ: MutableMapping[str, str]) -> None:
    """Append the Pythons of pyenv to PATH, and prevent uv from downloading missing ones."""
    root = Path(environ.get("PYENV_ROOT") or Path(environ.get("HOME", "~")).expanduser() / ".pyenv")
    folders = sorted(str(path) for path in root.glob("versions/3.*/bin"))
    environ["PATH"] = os.pathsep.join(filter(None, (environ.get("PATH"), *folders)))
    environ.setdefault("UV_PYTHON_DOWNLOADS", "never")
