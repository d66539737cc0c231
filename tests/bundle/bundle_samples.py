"""Valid bundles, and helpers that write malformed ones."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.bundle.manifest import MANIFEST, File, Manifest, Played
from harness.bundle.packing import Entry, packed

SCENARIO, RECORD = "project/scenarios/a.yaml", "results/001-a.json"
FILES = {SCENARIO: b"title: It succeeds\n", RECORD: b"{}\n", "project/src/app.py": b"pass\n"}


def manifest_of(files: Mapping[str, bytes], **changes: Any) -> Manifest:
    """A manifest for scenario files that were run."""
    made = Manifest(
        format=1,
        versions={"harness": "0.1.0"},
        folder="",
        settings={},
        scenarios=(
            Played(file="scenarios/a.yaml", title="A", outcome="passed", record=RECORD, compared=True),
        ),
        functions={},
        installed={},
        left_out=(),
        files={n: File(sha256=hashlib.sha256(c).hexdigest(), mode=0o644) for n, c in files.items()},
    )
    return made.model_copy(update=changes)


def bundle(path: Path, files: Mapping[str, bytes] = FILES, **changes: Any) -> Path:
    """Write a bundle with these files, like the harness does."""
    entries = {name: Entry(content) for name, content in files.items()}
    path.write_bytes(packed({**entries, MANIFEST: Entry(manifest_of(files, **changes).written())}))
    return path


def raw(path: Path, *more: tuple[zipfile.ZipInfo, bytes], **text: Any) -> Path:
    """Write a zip file with the usual files, a manifest that also lists `text`, and extra entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
        manifest = json.loads(manifest_of({**FILES, **{i.filename: c for i, c in more}}).written())
        archive.writestr(MANIFEST, json.dumps({**manifest, **text}))
        for info, content in more:
            archive.writestr(info, content, info.compress_type)
    path.write_bytes(buffer.getvalue())
    return path
