"""Listings of the same objects in each format."""

from __future__ import annotations

import csv
import datetime
import gzip
import hashlib
import io
import json
from pathlib import Path
from urllib.parse import quote_plus

import pytest

Row = tuple[str, str, int]
"""A bucket, a key, and a size."""
ROWS: tuple[Row, ...] = (
    ("acme-photos", "2019/cat.JPG", 2 * 1024 * 1024),
    ("acme-photos", "notes of Anna.txt", 5),
    *(("acme-photos", f"raw/{n:05}.nef", 24_000_000 + 7 * n) for n in range(1, 41)),
    *(("acme-photos", f"raw/{n:05}.nef", n) for n in range(41, 50)),
    ("acme-photos", "raw/", 0),
    *(("acme-photos", f"in/Müller+Söhne/{n}.csv.gz", 1000 * n) for n in (1, 2, 17)),
    *(("acme-photos", f"in/2024/{n:02}/part.json", 333) for n in range(1, 13)),
    ("acme-photos", "no-extension", 12),
    ("acme-attic", "Dr. A. Cula", 9),
    ("acme-attic", "a.b.c.tar", 0),
)
COLUMNS = "Bucket, Key, Size, LastModifiedDate, StorageClass"


def csv_text(rows: tuple[Row, ...] = ROWS, storage_class: str = "STANDARD") -> str:
    """The rows in S3 Inventory format."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for bucket, key, size in rows:
        writer.writerow([bucket, quote_plus(key, safe="/"), size, "2024-05-01T10:00:00.000Z", storage_class])
    return text.getvalue()


def inventory(folder: Path, form: str = "CSV") -> Path:
    """An inventory with two files and a manifest. Return the manifest."""
    half = len(ROWS) // 2
    files = []
    for number, rows in enumerate((ROWS[:half], ROWS[half:])):
        name = f"part-{number}.{'csv.gz' if form == 'CSV' else form.lower()}"
        path = folder / "data" / name
        path.parent.mkdir(exist_ok=True)
        if form == "CSV":
            path.write_bytes(gzip.compress(csv_text(rows).encode(), mtime=0))
        else:
            _columnar(path, form, rows)
        md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        files.append({"key": f"inventories/acme/data/{name}", "size": 1, "MD5checksum": md5})
    schema = COLUMNS if form == "CSV" else "message s3.inventory {}"
    made = {"sourceBucket": "acme-photos", "fileFormat": form, "fileSchema": schema, "files": files}
    (folder / "manifest.json").write_text(json.dumps(made))
    return folder / "manifest.json"


def ls_text(rows: tuple[Row, ...] = ROWS) -> str:
    """The rows as `aws s3 ls --recursive --summarize` prints them."""
    lines = "".join(f"2024-05-01 10:00:00 {size:>10} {key}\n" for _, key, size in rows)
    return f"{lines}\nTotal Objects: {len(rows)}\n   Total Size: {sum(row[2] for row in rows)}\n"


def json_text(rows: tuple[Row, ...] = ROWS) -> str:
    """The rows as `aws s3api list-objects-v2` prints them."""
    contents = [
        {"Key": key, "LastModified": "2024-05-01T10:00:00+00:00", "Size": size, "StorageClass": "STANDARD"}
        for _, key, size in rows
    ]
    return json.dumps({"Contents": contents, "RequestCharged": None, "Prefix": ""}, indent=4)


def _columnar(path: Path, form: str, rows: tuple[Row, ...]) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="the extra parquet reads these")
    from pyarrow import orc, parquet

    when = datetime.datetime(2024, 5, 1, 10, tzinfo=datetime.UTC)
    table = pyarrow.table(
        {
            "bucket": [row[0] for row in rows],
            "key": [row[1] for row in rows],
            "size": [row[2] for row in rows],
            "last_modified_date": [when for _ in rows],
        }
    )
    (orc if form == "ORC" else parquet).write_table(table, path)
