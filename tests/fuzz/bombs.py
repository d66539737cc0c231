"""Files that would exhaust time or memory, or are not regular files, each with a command that reads them."""

from __future__ import annotations

import io
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from minimal_project import PYPROJECT, TEMPLATE, scenario, write

LAUGHS = "\n".join(
    [
        *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else '1, 2'}]" for n in range(10)),
        "run: {input: *a9}",
    ]
)
FUNCTION = """\
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: app.handler
      Role: !GetAtt Role.Arn
      Code: ./fn
"""


class Bomb(NamedTuple):
    """Files created in a project, the command, and a part of its output. `code` is the exit code."""

    make: Callable[[Path], object]
    says: str
    command: tuple[str, ...] = ("validate",)
    code: int = 2


def _scenario(text: str) -> Callable[[Path], object]:
    return lambda folder: write(folder, {"scenarios/a.yaml": text})


def _expecting(text: str) -> Callable[[Path], object]:
    return _scenario(f"title: t\n{text}\nexpect: {{execution: {{status: SUCCEEDED}}}}\n")


def _template(text: str) -> Callable[[Path], object]:
    return lambda folder: write(folder, {"template.yaml": text})


def _definition(text: str) -> Callable[[Path], object]:
    return _template(TEMPLATE.replace('{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}', text))


def _settings(text: str) -> Callable[[Path], object]:
    return lambda folder: write(folder, {"pyproject.toml": text})


def _code(make: Callable[[Path], object]) -> Callable[[Path], object]:
    def made(folder: Path) -> None:
        write(folder, {"template.yaml": TEMPLATE + FUNCTION, "fn/app.py": "def handler(e, c): return 1\n"})
        make(folder / "fn")

    return made


def _zip(
    entries: list[tuple[str, bytes]], change: Callable[[bytes], bytes] = lambda content: content
) -> Callable[[Path], object]:
    def made(folder: Path) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries:
                archive.writestr(name, content)
        write(folder, {"template.yaml": (TEMPLATE + FUNCTION).replace("./fn", "./fn.zip")})
        (folder / "fn.zip").write_bytes(change(buffer.getvalue()))

    return made


def _bytes(content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / "scenarios" / "a.yaml").write_bytes(content)


def _special(make: Callable[[Path], object], name: str = "scenarios/a.yaml") -> Callable[[Path], object]:
    def made(folder: Path) -> None:
        (folder / name).unlink()
        make(folder / name)

    return made


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket name must be short
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


def _large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200_000_000)


def _loop(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "loop").symlink_to(folder)


def _many(text: str) -> str:
    return f"seed: {{buckets: {{photos: {{objects: [{text}]}}}}}}"


def _link(target: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(target)


ONE = ("scenarios/a.yaml",)
RUN = ("run", *ONE)
DEEP = "nested more than 100 levels deep"
APP = ("app.py", b"def handler(e, c): return 1\n")
BROKEN = "Could not unzip uploaded file"
SLOW = (
    '\'{"QueryLanguage": "JSONata", "StartAt": "A", "States": '
    '{"A": {"Type": "Pass", "Output": "{% %s %}", "End": true}}}\''
)
BOMBS: dict[str, Bomb] = {
    "aliases of 368 bytes": Bomb(_expecting(LAUGHS), "the file has more than 300,000 values"),
    "aliases in a template": Bomb(
        _template(f"{TEMPLATE}Metadata:\n  X: {{{LAUGHS.splitlines()[0]}}}\n"), "valid", code=0
    ),
    "laughs in a template": Bomb(_template(LAUGHS + "\n" + TEMPLATE), "YAML aliases"),
    "an anchor inside of itself": Bomb(
        _expecting("run: {input: &a [*a]}"), "inside the value that it repeats"
    ),
    "a merge of itself": Bomb(_expecting("run: {input: &a {<<: *a}}"), "a.yaml:2:"),
    "500 brackets": Bomb(_expecting("run: {input: " + "[" * 500 + "]" * 500 + "}"), DEEP),
    "100,000 brackets": Bomb(_expecting("run: {input: " + "[" * 100_000), DEEP),
    "100,000 braces": Bomb(_expecting("run: {input: " + '{"a":' * 100_000), DEEP),
    "500 blocks": Bomb(_expecting("run:\n" + "\n".join(f"{' ' * n}a:" for n in range(1, 500))), DEEP),
    "500 in a template": Bomb(_template(TEMPLATE + "Metadata: {a: " + "[" * 500 + "]" * 500 + "}\n"), DEEP),
    "100,000 in a template of JSON": Bomb(_template('{"Resources": ' + '{"a":' * 100_000), DEEP),
    "500 in a definition": Bomb(
        _definition('{"StartAt": ' + "[" * 500 + "]" * 500 + "}"), "Invalid State Machine Definition", RUN, 1
    ),
    "100,000 in a definition": Bomb(_definition("[" * 40_000), "nested too deeply", RUN, 1),
    "10,000 in the settings": Bomb(
        _settings("[tool.harness]\nlint = " + "[" * 10_000 + "]" * 10_000), "too deep"
    ),
    "a number of 5,000 digits in the settings": Bomb(
        _settings("[tool.harness]\nstack_name = " + "9" * 5_000), "pyproject.toml"
    ),
    "a number of 5,000 digits": Bomb(_expecting("run: {input: " + "9" * 5_000 + "}"), "is not a valid int"),
    "a number of 400 digits": Bomb(_expecting("run: {timeout: " + "9" * 400 + " h}"), "use at most 87600 h"),
    "1e999": Bomb(_expecting("run: {input: 1e999}"), "is not a valid JSON number"),
    "ten trillion objects": Bomb(
        _expecting(_many('{key: "x{n}", count: 10000000000000, size: 1}')), "write at most 1,000,000,000,000"
    ),
    "two trillion objects, which take no memory": Bomb(
        _expecting(
            _many(
                '{key: "x{n}", count: 1000000000000, size: 1}, {key: "y{n}", count: 1000000000000, size: 1}'
            )
        ),
        "1 scenario valid",
        code=0,
    ),
    "a trillion objects twice": Bomb(
        _expecting(
            _many(
                '{key: "x{n}", count: 1000000000000, size: 1}, {key: "x{n:03}1", count: 9000000000, size: 1}'
            )
        ),
        "already has an object",
    ),
    "a billion buckets": Bomb(
        _expecting('seed: {buckets: {"b-{n}": {count: 1000000000}, "b-{n:03}": {count: 1000000000}}}'),
        "write at most 1,000,000",
    ),
    "2,600,000 hours": Bomb(
        _expecting("run: {timeout: 2600000 h}"), "a.yaml:2:16: the time 2600000 h is out of range"
    ),
    "100,000,000,000 hours": Bomb(_expecting("run: {at: 100000000000 h}"), "out of range"),
    "a duration of ever": Bomb(
        _expecting("durations: [{task: sns:publish, takes: 99999999999 h}]"), "out of range"
    ),
    "(a+)+$": Bomb(
        lambda folder: write(
            folder,
            {
                "scenarios/a.yaml": "title: t\nrun: {input: "
                + "a" * 40
                + "b}\nexpect: {execution: {output: {matches: '^\\W(a+)+$'}}}\n"
            },
        ),
        "does not match",
        RUN,
        1,
    ),
    "(?=a)(a+)+$": Bomb(
        lambda folder: write(
            folder,
            {
                "scenarios/a.yaml": "title: t\nrun: {input: "
                + "a" * 40
                + "b}\nexpect: {execution: {output: {not: {matches: '(?=a)(a+)+$'}}}}\n"
            },
        ),
        "cannot be matched",
        RUN,
        1,
    ),
    "a{9999999999}": Bomb(
        _scenario("title: t\nexpect: {execution: {error: {matches: 'a{9999999999}'}}}\n"),
        "regular expression",
    ),
    "5,000 parentheses": Bomb(
        _scenario("title: t\nexpect: {execution: {error: {matches: '" + "(" * 5_000 + ")" * 5_000 + "'}}}\n"),
        "regular expression",
    ),
    "10^7 in a range": Bomb(
        _definition(SLOW.replace("%s", "[1..10000000]")[1:-1]), "States.QueryEvaluationError", RUN, 1
    ),
    "ranges in ranges": Bomb(
        _definition(SLOW.replace("%s", "$sum([1..9999].[1..9999].[1..9999])")[1:-1]),
        "States.QueryEvaluationError",
        RUN,
        1,
    ),
    "a FIFO as a scenario": Bomb(_special(os.mkfifo), "it is a FIFO, not a file", ("validate", *ONE)),
    "a FIFO as a template": Bomb(_special(os.mkfifo, "template.yaml"), "it is a FIFO, not a file"),
    "a FIFO as settings": Bomb(_special(os.mkfifo, "pyproject.toml"), "no template", ("validate", *ONE)),
    "a socket as a scenario": Bomb(_special(_socket), "it is a socket, not a file", ("validate", *ONE)),
    "a folder as a scenario": Bomb(_special(Path.mkdir), "contains no scenario files", ("validate", *ONE)),
    "/dev/zero": Bomb(_special(_link("/dev/zero")), "it is a device, not a file", ("validate", *ONE)),
    "/dev/zero as a template": Bomb(
        _special(_link("/dev/zero"), "template.yaml"), "it is a device, not a file"
    ),
    "a link to itself": Bomb(_special(_link("a.yaml")), "", ("validate", *ONE)),
    "200 MB as a scenario": Bomb(_special(_large), "it has more than 67,108,864 bytes", ("validate", *ONE)),
    "200 MB as a template": Bomb(_special(_large, "template.yaml"), "it has more than 67,108,864 bytes"),
    "no UTF-8": Bomb(_bytes(b"title: \xff\xfe\nexpect: {}\n"), "a.yaml:1:8: this byte is not UTF-8"),
    "a BOM": Bomb(_bytes(b"\xef\xbb\xbf" + scenario().encode()), "1 scenario valid", code=0),
    "UTF-16": Bomb(_bytes(scenario().encode("utf-16")), "a.yaml:1:1: not a scenario", ("validate", *ONE)),
    "NUL": Bomb(_bytes(b"title: a\0b\nexpect: {}\n"), "a.yaml:1:9: this character is not allowed"),
    "a path of 300 letters": Bomb(
        _expecting("stack: {template: " + "x" * 300 + "}"), "xxx not found; correct the path"
    ),
    "a path with NUL": Bomb(_expecting('stack: {template: "a\\0b"}'), "remove the NUL character"),
    "a scenario of 300 letters": Bomb(
        lambda _: None, "file or folder not found", ("run", "x" * 300 + ".yaml")
    ),
    "300 letters of settings": Bomb(
        _settings(f'[tool.harness]\ntemplate = "{"x" * 300}"\n'), "File name too long"
    ),
    "NUL in settings": Bomb(
        _settings('[tool.harness]\ntemplate = "a\\u0000b"\n'), "template contains a NUL character"
    ),
    "code of 300 letters": Bomb(
        _template((TEMPLATE + FUNCTION).replace("./fn", "x" * 300)), "paths are relative to the template"
    ),
    "code with NUL": Bomb(_template((TEMPLATE + FUNCTION).replace("./fn", '"a\\0b"')), "paths are relative"),
    "a loop of links in code": Bomb(_code(_loop), "is a link to one of its parent folders"),
    "a FIFO in code": Bomb(_code(lambda code: os.mkfifo(code / "pipe")), "it is a FIFO"),
    "a socket in code": Bomb(_code(lambda code: _socket(code / "sock")), "it is a socket"),
    "/dev/zero in code": Bomb(_code(lambda code: (code / "zero").symlink_to("/dev/zero")), "it is a device"),
    "300 MB of code": Bomb(
        _code(lambda code: os.truncate(code / "app.py", 300_000_000)),
        "Unzipped size must be smaller than 262144000 bytes",
    ),
    "a zip of zeros": Bomb(
        _zip([APP, ("zeros", bytes(300_000_000))]), "Unzipped size must be smaller than 262144000 bytes"
    ),
    "a zip that is cut off": Bomb(_zip([APP], lambda content: content[:60] + content[70:]), BROKEN),
    "a zip that clashes": Bomb(_zip([APP, ("a", b""), ("a/b", b"")]), BROKEN),
    "a zip that slips": Bomb(_zip([APP, ("../../slip.txt", b"x")]), "1 scenario valid", code=0),
    "an empty zip": Bomb(_zip([]), "Uploaded file must be a non-empty zip"),
    "a zip with a false checksum": Bomb(
        _zip([APP], lambda content: content.replace(b"handler", b"hendler")), "", code=0
    ),
}


def project(folder: Path) -> Path:
    """A project with one valid scenario."""
    return write(
        folder,
        {
            "pyproject.toml": PYPROJECT + "lint = false\n",
            "template.yaml": TEMPLATE,
            "scenarios/a.yaml": scenario(),
        },
    )
