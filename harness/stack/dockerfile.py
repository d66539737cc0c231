"""Container images for Lambda's Python whose content is fully defined by their Dockerfile.

Supported images copy files from their context into the task root and install requirements with pip. Anything
else, such as other programs or several stages, is rejected with its line number.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from harness.files import is_file, read_text
from harness.stack.requirements import Requirements, requirements_in

_LEFT_OUT: Final = {".aws-sam", ".git", ".venv", "__pycache__", "venv"}
"""Parts of a folder that never belong in an image. `.dockerignore` is not read."""
TASK_ROOT: Final = "/var/task"
_BASE: Final = re.compile(
    r"(?:public\.ecr\.aws/lambda/python|(?:docker\.io/)?amazon/aws-lambda-python):(3\.\d+)(?:[.-]\S*)?"
)
"""Lambda's base images: https://gallery.ecr.aws/lambda/python"""
_SAYS_NOTHING: Final = ("ARG", "EXPOSE", "LABEL", "MAINTAINER", "SHELL", "USER")
_ROOT: Final = re.compile(r"\$\{?LAMBDA_TASK_ROOT\}?")
_SWITCHES: Final = re.compile(
    r"--no-cache-dir|--upgrade|-U|-q|--quiet|--no-input|--disable-pip-version-check|--root-user-action=ignore"
)


class DockerfileError(Exception):
    """A Dockerfile does not fully define the content of its image. The message gives the location. `line`
    counts from 1.
    """

    def __init__(self, file: Path, line: int, message: str) -> None:
        super().__init__(message)
        self.file: Final = file
        self.line: Final = line


@dataclass
class Image:
    """An image with Lambda's Python. `files` are named relative to the task root. `variables` come from
    ENV.
    """

    handler: str = ""
    runtime: str = ""
    files: dict[str, Path] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    asked: tuple[Requirements, ...] = ()

    @property
    def requirements(self) -> Requirements | None:
        """The packages from all `pip install` commands. None if there are none."""
        asked = [each for each in self.asked if each.lines]
        if len(asked) < 2:
            return asked[0] if asked else None
        lines = tuple(line for each in asked for line in each.lines if not line.startswith(("-r", "-c")))
        return Requirements(asked[-1].file.with_name("Dockerfile"), lines, "\n".join(lines))


def read_dockerfile(file: Path, context: Path) -> Image:
    """Return the image that a Dockerfile builds from the files in its context.

    Raises:
        DockerfileError: it cannot be read, or uses unsupported instructions.
    """
    return _Reader(file, context).image()


class _Reader:
    def __init__(self, file: Path, context: Path) -> None:
        self._file = file
        self._context = context
        self._image = Image()
        self._line = 1

    def image(self) -> Image:
        """Read all instructions."""
        try:
            text = read_text(self._file)
        except (OSError, UnicodeDecodeError) as error:
            raise self._refused(f"{self._file} cannot be read ({error})") from error
        for self._line, instruction in _instructions(text):
            name, _, rest = instruction.partition(" ")
            self._take(name.upper(), rest.strip())
        if not self._image.runtime:
            raise self._refused("it has no FROM")
        return self._image

    def _take(self, name: str, rest: str) -> None:
        if name == "FROM":
            self._from(rest)
        elif name == "WORKDIR":
            if self._in_root(rest) != PurePosixPath():
                raise self._refused(f"WORKDIR {rest} differs from {TASK_ROOT}")
        elif name in ("COPY", "ADD"):
            self._copy(name, rest)
        elif name == "ENV":
            self._set(rest)
        elif name == "RUN":
            self._run(rest)
        elif name == "CMD":
            self._image.handler = _words(rest)[0] if _words(rest) else ""
        elif name not in _SAYS_NOTHING:
            raise self._refused(f"{name} is not supported")

    def _from(self, rest: str) -> None:
        words = [word for word in rest.split() if not word.startswith("--platform")]
        found = _BASE.fullmatch(words[0]) if words else None
        if self._image.runtime or found is None:
            raise self._refused(f"FROM {rest} must be the single image public.ecr.aws/lambda/python:3.X")
        self._image.runtime = f"python{found[1]}"

    def _set(self, rest: str) -> None:
        """Parse variables: `A=b C="d e"`, or the old syntax `A b`."""
        words = shlex.split(rest)
        if words and "=" not in words[0]:
            words = [f"{words[0]}={' '.join(words[1:])}"]
        pairs = [word.partition("=") for word in words]
        found = {name: _ROOT.sub(TASK_ROOT, value) for name, equals, value in pairs if equals}
        if len(found) != len(words) or any("$" in value for value in found.values()):
            raise self._refused(f"ENV {rest} is not supported")
        self._image.variables |= found

    def _copy(self, name: str, rest: str) -> None:
        words = _words(rest)
        options = [word for word in words if word.startswith("--")]
        *sources, target = [word for word in words if word not in options] or [""]
        if any(not each.startswith(("--chown=", "--chmod=", "--link")) for each in options) or not sources:
            raise self._refused(f"{name} {rest} is not supported")
        place = self._in_root(target)
        if place is None:
            raise self._refused(f"{name} {rest} leads outside {TASK_ROOT}")
        for source in sources:
            paths = sorted(self._context.glob(source.lstrip("/"))) if source.strip("./") else [self._context]
            if not paths:
                raise self._refused(f"{self._context / source} not found")
            into = len(paths) > 1 or len(sources) > 1 or target.endswith(("/", ".")) or not place.parts
            for path in paths:
                self._add(path, place, into=into)

    def _add(self, path: Path, place: PurePosixPath, *, into: bool) -> None:
        if is_file(path):
            self._image.files[str(place / path.name if into else place)] = path
            return
        for file in sorted(path.rglob("*")):
            if is_file(file) and _LEFT_OUT.isdisjoint(file.relative_to(path).parts):
                self._image.files[str(place / file.relative_to(path).as_posix())] = file

    def _run(self, rest: str) -> None:
        for command in re.split(r"&&|;", rest):
            words = shlex.split(_ROOT.sub(TASK_ROOT, command))
            if words[:2] == ["python", "-m"] or words[:2] == ["python3", "-m"]:
                words = words[2:]
            if words[:1] not in (["pip"], ["pip3"]) or words[1:2] != ["install"]:
                raise self._refused(f"RUN {command.strip()} is not supported")
            self._install(words[2:], command)

    def _install(self, words: list[str], command: str) -> None:
        names: list[str] = []
        rest = iter(words)
        for word in rest:
            if word in ("-r", "--requirement"):
                self._requirements(next(rest, ""))
            elif word in ("-t", "--target"):
                if self._in_root(next(rest, "")) != PurePosixPath():
                    raise self._refused(f"RUN {command.strip()} leads outside {TASK_ROOT}")
            elif not word.startswith("-"):
                names.append(word)
            elif not _SWITCHES.fullmatch(word):
                raise self._refused(f"RUN {command.strip()} is not supported: {word}")
        if others := tuple(each for each in names if each not in ("pip", "setuptools", "wheel")):
            made = Requirements(self._file, others, "\n".join(others))
            self._image.asked += (made,)

    def _requirements(self, name: str) -> None:
        place = self._in_root(name)
        file = self._image.files.get(str(place)) if place is not None else None
        if file is None:
            raise self._refused(f"{name} is used before it is copied")
        self._image.asked += (requirements_in(file),)

    def _in_root(self, path: str) -> PurePosixPath | None:
        """Return a path relative to the task root, the working directory. None if it is outside."""
        full = PurePosixPath(TASK_ROOT) / _ROOT.sub(TASK_ROOT, path.strip("\"'"))
        if ".." in full.parts or not full.is_relative_to(TASK_ROOT):
            return None
        return full.relative_to(TASK_ROOT)

    def _refused(self, message: str) -> DockerfileError:
        return DockerfileError(self._file, self._line, message)


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """Return the instructions with their line numbers. Continuation lines are joined."""
    begun, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        first = first or number
        if line.rstrip().endswith("\\"):
            begun += line.rstrip()[:-1] + " "
            continue
        yield first, (begun + line).strip()
        begun, first = "", 0
    if begun:
        yield first, begun.strip()


def _words(rest: str) -> list[str]:
    """Return the arguments of an instruction, in JSON or shell form."""
    if rest.startswith("["):
        try:
            found = json.loads(rest)
        except ValueError:
            return []
        return [str(each) for each in found] if isinstance(found, list) else []
    return rest.split()
