"""Reads rows from an S3 Inventory in Parquet or ORC with pyarrow, the extra `parquet`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from harness.inventory.csv_rows import check_columns
from harness.inventory.model import DELETED, EARLIER, LATEST, Listed, Reader, Refused

_BATCH: Final = 8_192
_COLUMNS: Final = (
    *("bucket", "key", "size", "last_modified_date", "storage_class", "is_latest", "is_delete_marker"),
)


def rows(path: Path, form: str, reader: Reader) -> Iterator[Listed]:
    """Yield each row. `form` is `parquet` or `orc`.

    Raises:
        Refused: the file or a row is invalid, or pyarrow is not installed.
    """
    try:
        import pyarrow  # noqa: PLC0415 - large, and optional
    except ImportError:
        remedy = "install it: pip install 'stepfunctions-harness[parquet]', or configure the inventory as CSV"
        raise Refused(f"{path}: reading {form} requires pyarrow, which is not installed; {remedy}") from None
    try:
        for batch in _parquet(path) if form == "parquet" else _orc(path):
            for row in batch:
                reader.line += 1
                yield _listed(row, reader)
    except (pyarrow.ArrowException, OSError) as error:
        first = str(error).partition("\n")[0]
        raise Refused(f"{path}: this is not a {form} file ({first}); download it again") from None


def _parquet(path: Path) -> Iterator[list[dict[str, Any]]]:
    from pyarrow import parquet  # noqa: PLC0415

    file = parquet.ParquetFile(path)
    columns = _wanted(file.schema_arrow.names, path)
    for batch in file.iter_batches(batch_size=_BATCH, columns=columns):
        yield batch.to_pylist()


def _orc(path: Path) -> Iterator[list[dict[str, Any]]]:
    from pyarrow import orc  # noqa: PLC0415

    file = orc.ORCFile(path)
    columns = _wanted(file.schema.names, path)
    for number in range(file.nstripes):
        stripe = file.read_stripe(number, columns=columns)
        for start in range(0, stripe.num_rows, _BATCH):
            yield stripe.slice(start, _BATCH).to_pylist()


def _wanted(names: list[str], path: Path) -> list[str]:
    check_columns(names, str(path))
    return [name for name in names if name in _COLUMNS]


def _listed(row: Mapping[str, Any], reader: Reader) -> Listed:
    kind = LATEST
    if row.get("is_delete_marker"):
        kind = DELETED
    elif row.get("is_latest") is False:
        kind = EARLIER
    size = row["size"]
    return Listed(
        str(row["bucket"] or ""),
        reader.key(str(row["key"] or ""), "key"),
        0 if kind == DELETED and size is None else reader.size(str(size), "size"),
        reader.date(str(row.get("last_modified_date") or ""), "last_modified_date"),
        str(row.get("storage_class") or ""),
        kind,
    )
