"""Zip files that are not bundles, were changed or escape their folder are rejected before unpacking."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from bundle_samples import FILES, RECORD, SCENARIO, bundle, raw

from harness.bundle import opening
from harness.bundle.manifest import BundleError
from harness.bundle.opening import opened
from harness.bundle.unpacking import unpacked


def refusal(path: Path) -> str:
    with pytest.raises(BundleError) as caught, opened(path):
        pass
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    return text.removeprefix(f"{path}: ")


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.filename = info.orig_filename = name  # unchanged, and with backslashes
    info.external_attr = mode << 16
    return info


def test_a_bundle_is_unpacked_with_its_modes_and_removed_again(tmp_path: Path) -> None:
    with opened(bundle(tmp_path / "b.zip")) as found, unpacked(found) as place:
        assert (place / "files" / SCENARIO).read_bytes() == FILES[SCENARIO]
        assert stat.S_IMODE((place / "files/project/src/app.py").stat().st_mode) == 0o644
        assert list((place / "tmp").iterdir()) == []
    assert not place.exists()


def test_the_folder_is_removed_after_ctrl_c(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        opened(bundle(tmp_path / "b.zip")) as found,
        unpacked(found) as place,
    ):
        raise KeyboardInterrupt
    assert not place.exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("/etc/passwd", "it is an absolute path"),
        ("../out", "it leads out of the folder"),
        ("project/../../out", "it leads out of the folder"),
        ("C:/windows", "it begins with a drive letter"),
        ("project\\..\\out", "it contains a backslash"),
        ("project//a", "it is not normalized"),
        ("project/./a", "it is not normalized"),
        ("project/", "it is not normalized"),
        ("project/a:stream", "it contains a colon"),
        ("project/nul.txt", "it is not a valid file name on Windows"),
        ("project/a. ", "it is not a valid file name on Windows"),
        ("project/a\x1bb", "it contains control characters"),
        (f"project/{'a' * 300}", "it is too long"),
    ],
)
def test_a_name_that_leads_elsewhere(tmp_path: Path, name: str, why: str) -> None:
    said = refusal(raw(tmp_path / "b.zip", (entry(name), b"x")))
    assert said == f"it contains {name!r}, which is not allowed: {why}"
    assert os.listdir(tmp_path) == ["b.zip"]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (stat.S_IFLNK, "it is a link"),
        (stat.S_IFIFO, "it is not a regular file"),
        (stat.S_IFDIR, "it is not a regular file"),
    ],
)
def test_what_is_no_file(tmp_path: Path, kind: int, why: str) -> None:
    said = refusal(raw(tmp_path / "b.zip", (entry("project/link", kind | 0o777), b"/etc/passwd")))
    assert said == f"it contains 'project/link', which is not allowed: {why}"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (SCENARIO, f"{SCENARIO!r} twice"),
        (
            "project/scenarios/A.YAML",
            f"'project/scenarios/A.YAML' and {SCENARIO!r}, which are the same file on some systems",
        ),
        (f"{SCENARIO}/inner", f"{SCENARIO!r} as a file, and as the folder of '{SCENARIO}/inner'"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_names_of_one_file(tmp_path: Path, name: str, why: str) -> None:
    assert refusal(raw(tmp_path / "b.zip", (entry(name), b"x"))) == f"it contains {why}"


def test_a_bomb_by_its_ratio(tmp_path: Path) -> None:
    info = entry("project/zeros")
    info.compress_type = zipfile.ZIP_DEFLATED
    said = refusal(raw(tmp_path / "b.zip", (info, bytes(1 << 20))))
    assert "more than 200 times larger than its compressed form" in said


def test_what_compresses_far_is_written_so_that_it_can_be_read(tmp_path: Path) -> None:
    files = {**FILES, "results/long.json": b" " * (1 << 20)}
    with opened(bundle(tmp_path / "b.zip", files)) as found:
        assert len(b"".join(found.chunks("results/long.json"))) == 1 << 20


@pytest.mark.parametrize(
    ("name", "most", "said"),
    [
        ("MOST_FILES", 3, "it has 4 files; the maximum for a bundle is 3"),
        ("LARGEST_TOGETHER", 100, "the maximum for a bundle is 100"),
        ("LARGEST", 100, "the maximum for a bundle is 100"),
    ],
)
def test_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, most: int, said: str) -> None:
    monkeypatch.setattr(opening, name, most)
    assert said in refusal(bundle(tmp_path / "b.zip"))


def end_says(content: bytes, count: int) -> bytes:
    """The same zip file, but its end record states a wrong number of files."""
    return content[:-14] + struct.pack("<2H", count, count) + content[-10:]


def grown(content: bytes) -> bytes:
    """The same zip file, but its directory states a wrong uncompressed size for a file."""
    at = content.index(b"PK\x01\x02")
    size = struct.unpack_from("<I", content, at + 24)[0]
    return content[: at + 24] + struct.pack("<I", size - 1) + content[at + 28 :]


def overlapping(content: bytes) -> bytes:
    """The same zip file, but two directory entries start at the same offset."""
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 4)
    return content[: second + 42] + content[first + 42 : first + 46] + content[second + 46 :]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: b"", "it is not a zip"),
        (lambda _: b"title: It succeeds\n", "it is not a zip"),
        (lambda content: content[: len(content) // 2], "the zip is truncated"),
        (lambda content: content[:-1], "the zip is truncated"),
        (lambda content: content + b"more", "the zip is truncated, or has extra data at its end"),
        (lambda content: content[:2] + b"more" + content[2:], "the end record does not match the zip"),
        (
            lambda content: end_says(content, 60_000),
            "it has 60,000 files; the maximum for a bundle is 20,000",
        ),
        (lambda content: end_says(content, 3), "the end record does not match the zip"),
        (overlapping, "overlaps another file in the zip"),
        (grown, "the zip is damaged"),
    ],
)
def test_a_zip_that_is_none(tmp_path: Path, change: Callable[[bytes], bytes], said: str) -> None:
    path = bundle(tmp_path / "b.zip")
    path.write_bytes(change(path.read_bytes()))
    assert said in refusal(path)


def test_a_zip_of_something_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("report.txt", "hello")
    assert refusal(tmp_path / "b.zip").startswith(
        "it is not a bundle: bundle.json is missing; specify a zip from"
    )


def test_what_is_not_there_and_what_is_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.zip") == "cannot be read (No such file or directory)"
    (tmp_path / "folder.zip").mkdir()
    assert (
        refusal(tmp_path / "folder.zip")
        == "it is not a file; specify the zip that `harness run --bundle` wrote"
    )
    os.mkfifo(tmp_path / "fifo.zip")
    assert (
        refusal(tmp_path / "fifo.zip")
        == "it is not a file; specify the zip that `harness run --bundle` wrote"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            {"format": 2, "versions": {"harness": "9.1"}},
            "it was written by version 9.1 in format 2, but this version reads format 1",
        ),
        ({"format": "1"}, "its bundle.json has no format"),
        ({"folder": 7}, "its bundle.json is invalid: folder: Input should be a valid string"),
        ({"more": 1}, "its bundle.json is invalid: more: Extra inputs are not permitted"),
        ({"folder": "../.."}, "its working directory '../..' is not allowed: it leads out of the folder"),
    ],
)
def test_a_manifest_that_is_wrong(tmp_path: Path, text: dict[str, object], said: str) -> None:
    assert refusal(raw(tmp_path / "b.zip", **text)).startswith(said)


def test_a_file_that_was_changed_added_or_taken_out(tmp_path: Path) -> None:
    changed = manifest_says(tmp_path, {**FILES, RECORD: b"{ }\n"})
    assert refusal(changed).startswith(f"{RECORD!r} was changed after the bundle was written; write it again")
    added = manifest_says(tmp_path, {n: c for n, c in FILES.items() if n != "project/src/app.py"})
    assert refusal(added).startswith("'project/src/app.py' was added")
    gone = manifest_says(tmp_path, {**FILES, "project/gone": b""})
    assert refusal(gone).startswith("'project/gone' is missing")


def test_a_scenario_that_is_elsewhere(tmp_path: Path) -> None:
    path = raw(
        tmp_path / "b.zip",
        scenarios=[
            {"file": "../../x.yaml", "title": "", "outcome": "passed", "record": RECORD, "compared": True}
        ],
    )
    assert refusal(path).startswith("'project/../../x.yaml' is missing")


def manifest_says(folder: Path, files: dict[str, bytes]) -> Path:
    """A zip file with the usual files and the manifest of a different bundle."""
    from bundle_samples import manifest_of

    return raw(folder / "b.zip", files=manifest_of(files).model_dump()["files"])
