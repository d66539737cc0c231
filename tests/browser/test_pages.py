"""Pages in a browser: they load nothing, run nothing, and are accessible."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pages import failing, hostile

from harness.html_report.overview import page

pytestmark = pytest.mark.browser
WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A report with failures, and a report with hostile strings."""
    folder = tmp_path_factory.mktemp("pages")
    found = {"failing": folder / "failing.html", "hostile": folder / "hostile.html"}
    found["failing"].write_text(page(failing(), (), "moto"), encoding="utf-8")
    found["hostile"].write_text(hostile(), encoding="utf-8")
    return found


@pytest.fixture(params=["failing", "hostile"])
def file(request: pytest.FixtureRequest, files: dict[str, Path]) -> Path:
    return files[request.param]


def opened(chromium: Any, file: Path, width: int, scheme: str) -> tuple[Any, list[str]]:
    """A fully expanded page, and a list of its errors and requests."""
    shown = chromium.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    wrong: list[str] = []
    shown.on("request", lambda request: wrong.append(request.url))
    shown.on("console", lambda message: wrong.append(message.text))
    shown.on("pageerror", lambda error: wrong.append(str(error)))
    shown.on("dialog", lambda dialog: wrong.append(dialog.message))
    shown.goto(file.as_uri())
    shown.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    return shown, [each for each in wrong if each != file.as_uri()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_nothing_is_asked_for(
    chromium: Any, axe: Any, file: Path, width: int, scheme: str
) -> None:
    shown, wrong = opened(chromium, file, width, scheme)
    assert wrong == []
    found = axe.run(shown)
    assert found.violations_count == 0, found.generate_report()
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    shown.close()


def test_a_state_of_the_graph_leads_to_what_is_told_of_it(chromium: Any, files: dict[str, Path]) -> None:
    shown = chromium.new_page(viewport={"width": 1280, "height": 844})
    shown.goto(files["failing"].as_uri())
    link = shown.locator("svg.graph a").first
    link.focus()
    shown.keyboard.press("Enter")
    target = shown.locator(":target")
    assert target.is_visible()
    assert f"#{target.get_attribute('id')}" == link.get_attribute("href")
    shown.close()


def test_the_first_screen_names_cause_state_and_line(chromium: Any, files: dict[str, Path]) -> None:
    for width in WIDTHS:
        shown = chromium.new_page(viewport={"width": width, "height": 844})
        shown.goto(files["failing"].as_uri())
        cell = shown.locator("td", has_text="cause").first
        box = cell.bounding_box()
        assert box["y"] + box["height"] < 844
        assert "list_objects.py:44" in cell.inner_text()
        shown.close()
