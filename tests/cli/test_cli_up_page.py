"""`harness up` with its page, on-screen messages and saved files."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from minimal_project import PYPROJECT, write
from test_cli_up import ready

from harness.beginning.example import FILES
from harness.cli import main
from harness.cli.messages import lines_of
from harness.engine.seen import SentMessage
from harness.exit_codes import WRONG
from harness.polling import poll

SCENARIO = "title: a\nexpect: {execution: {status: SUCCEEDED}}\n"
TEMPLATE, CODE = FILES["template.yaml"], FILES["src/greet.py"]


class Visitor:
    """A user who opens the link."""

    def __init__(self, link: str) -> None:
        self._host = re.match(r"http://127\.0\.0\.1:\d+", link)[0]  # type: ignore[index]
        self._open = build_opener(HTTPCookieProcessor(CookieJar())).open
        self._base = re.search(r'url=([^"]+)', self._open(link).read().decode())[1]  # type: ignore[index]

    def get(self, path: str = "") -> str:
        text: str = self._open(f"{self._host}{self._base}{path}").read().decode()
        return text

    def start(self, text: str) -> str:
        machine = re.search(r'<option value="([^"]+)"', self.get("start"))
        assert machine is not None
        form = urlencode({"machine": machine[1], "input": text}).encode()
        headers = {"Origin": self._host}
        return self._open(Request(f"{self._host}{self._base}start", form, headers)).read().decode()  # type: ignore[no-any-return]

    def sees(self, path: str, shown: Callable[[str], bool]) -> str:
        return poll(lambda: self.get(path), shown, what=f"the view {path}", timeout_s=30)


def line(screen: Any, part: str) -> str:
    return next(line for line in screen if part in line)  # type: ignore[no-any-return]


def test_an_execution_is_started_and_seen_and_what_is_saved_is_deployed(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "pyproject.toml": PYPROJECT, "scenarios/a.yaml": SCENARIO})
    with ready(tmp_path, "scenarios/a.yaml", "--reload") as (said, screen):
        visitor = Visitor(said["page"])
        assert "For another browser: http://127.0.0.1:" in line(screen, "page is open")
        with pytest.raises(HTTPError, match="403"):
            Visitor(said["page"])
        with pytest.raises(HTTPError, match="422"):
            visitor.start("{")
        visitor.start('{"name": "Ada <3"}')
        assert ">succeeded</span>" in visitor.sees("", lambda html: ">succeeded</span>" in html)
        assert "Hello, Ada &lt;3!" in visitor.get("messages")
        assert "greeting Ada &lt;3" in visitor.get("logs")
        assert "message to stack-Greetings-" in line(screen, " message to ")
        assert line(screen, "# | ").endswith("Ada <3!\n")

        (tmp_path / "src/greet.py").write_text(CODE.replace("Hello", "Salut"))
        assert line(screen, "saved: ") == "# saved: src/greet.py\n"
        assert line(screen, "reloaded") == "# reloaded\n"
        visitor.start('{"name": "Bob"}')
        assert "Salut, Bob!" in visitor.sees("messages", lambda html: "Bob" in html)

        (tmp_path / "src/greet.py").write_text(CODE.replace("    name =", "    1 / 0\n    name ="))
        assert line(screen, "reloaded") == "# reloaded\n"
        visitor.start("{}")
        logs = visitor.sees("logs", lambda html: "ZeroDivisionError" in html)
        assert "src/greet.py" in logs, "as an editor opens it"

        (tmp_path / "template.yaml").write_text(TEMPLATE.replace("Next: Send", "Next: Sent"))
        assert "MISSING_TRANSITION_TARGET" in line(screen, "MISSING_TRANSITION_TARGET")
        assert "not reloaded" in visitor.sees("", lambda html: "not reloaded" in html)
        (tmp_path / "src/greet.py").write_text(CODE)
        assert "# not reloaded" in line(screen, "reloaded"), "the template is still broken"
        changed = TEMPLATE.replace("Message.$: $.greeting", 'Message: "Ahoy"')
        (tmp_path / "template.yaml").write_text(changed)
        assert line(screen, "# reloaded") == "# reloaded\n"
        visitor.start("{}")
        assert "Ahoy" in visitor.sees("messages", lambda html: "Ahoy" in html)


def test_without_the_page_none_of_it_is_imported() -> None:
    code = (
        "import sys, harness.cli.commands, harness.cli.up, harness.cli.run, harness.engine.moto.engine\n"
        "lazy = ('harness.page', 'harness.drawing', 'harness.cli.reloading', 'werkzeug')\n"
        "sys.exit(', '.join(name for name in sys.modules if name.startswith(lazy)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_empty_engine_has_nothing_to_reload(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--reload"]) == WRONG
    assert "--reload: an empty engine has nothing to reload; add a scenario" in capsys.readouterr().err


def test_a_message_is_told_as_comments() -> None:
    sent = SentMessage("arn:aws:sns:eu-west-1:1:orders", "New", "one\n\x1b[31mtwo", 1_735_689_600.1, "id")
    assert list(lines_of(sent)) == [
        "# 2025-01-01T00:00:00.100Z message to orders: New",
        "# | one",
        "# | \x1b[31mtwo",
    ]
    assert next(lines_of(SentMessage("+491701", "", "", 0, "id"))).endswith(" message to +491701")
