"""Unpacks a checked bundle into a temporary folder, which is always removed at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from harness.bundle.opening import Bundle
from harness.functions.shared.lifeline import remove_afterwards
from harness.stack.build import BUILT

_WRITTEN_S: Final = 1_000_000_000
"""The modification time of files: `sam build` output is used only if it is newer than the source."""


@contextmanager
def unpacked(bundle: Bundle) -> Iterator[Path]:
    """Provide a folder with the bundle's files, and an empty folder `tmp`. Both are removed even
    after signals.
    """
    place = tempfile.mkdtemp(prefix="harness-bundle-")
    try:
        remove_afterwards(place)
        (Path(place) / "tmp").mkdir()
        root = Path(place) / "files"
        for name, file in bundle.manifest.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as target:
                for chunk in bundle.chunks(name):
                    target.write(chunk)
            path.chmod(file.mode & 0o777)
            written_s = _WRITTEN_S + (BUILT in path.parts)
            os.utime(path, (written_s, written_s))
        yield Path(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
