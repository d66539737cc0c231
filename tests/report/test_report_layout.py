from __future__ import annotations

from pathlib import Path

from harness.report.layout import compared, cut, excerpt, line, shown_path


def diffed(expected: str, seen: str, verbose: bool = False) -> list[str]:
    return [text.plain for text in compared(expected, seen, 0, verbose)]


def test_texts_with_lines_in_common_are_diffed() -> None:
    assert diffed("Create\nDescribe\nWait or Delete", "Create\nDescribe\nError") == [
        "- expected",
        "+ seen",
        "  Create",
        "  Describe",
        "- Wait or Delete",
        "+ Error",
    ]


def test_a_diff_leaves_out_what_is_far_from_any_change_unless_all_is_asked_for() -> None:
    same = [str(n) for n in range(50)]
    expected, seen = "\n".join([*same, "a"]), "\n".join([*same, "b"])
    assert diffed(expected, seen) == ["- expected", "+ seen", "…", "  47", "  48", "  49", "- a", "+ b"]
    assert len(diffed(expected, seen, verbose=True)) == 2 + 52


def test_texts_without_common_lines_stand_one_below_the_other() -> None:
    assert diffed("a", "b\nc") == ["expected  a", "seen      b", "          c"]
    assert diffed("", "b") == ["seen      b"]


def test_json_braces_are_no_lines_in_common() -> None:
    assert diffed('{\n  "a": 1\n}', '{\n  "b": 2\n}')[0] == "expected  {"


def test_long_texts_are_cut_in_their_middle_or_to_their_end() -> None:
    lines = [str(n) for n in range(10)]
    assert list(cut(lines, False, 4)) == ["0", "1", "… 6 more lines (-v shows all)", "8", "9"]
    assert list(cut(lines, False, 4, tail=True)) == ["… 6 more lines (-v shows all)", "6", "7", "8", "9"]
    assert list(cut(lines, True, 4)) == lines
    assert list(cut(lines, False, 9)) == lines  # the note would be as long as what it stands for


def test_an_excerpt_marks_the_line_and_the_column_within_it() -> None:
    lines = [(9, "a:"), (10, "  - {b: 1, c: 2}"), (11, "d:")]
    assert [text.plain for text in excerpt(lines, 10, 12, 0)] == [
        "   9 | a:",
        "> 10 |   - {b: 1, c: 2}",
        "     |            ^",
        "  11 | d:",
    ]
    assert len(list(excerpt(lines, 10, 3, 0))) == 3


def test_control_characters_are_escapes() -> None:
    assert line("a\x1b[31m\r\x07\tb").plain == "a\\x1b[31m\\x0d\\x07\tb"


def test_paths_in_the_current_folder_are_relative(tmp_path: Path) -> None:
    assert shown_path(Path.cwd() / "scenarios" / "x.yaml") == "scenarios/x.yaml"
    assert shown_path(tmp_path / "x.yaml") == str(tmp_path / "x.yaml")
