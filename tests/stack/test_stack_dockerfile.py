"""Dockerfiles of Lambda's Python say what is in their images, or are refused at the line that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.stack.dockerfile import DockerfileError, Image, read_dockerfile

FROM = "FROM public.ecr.aws/lambda/python:3.12\n"


@pytest.fixture
def context(tmp_path: Path) -> Path:
    for name in ("app.py", "fn/main.py", "fn/lib/a.py", "shared/x.py", "shared/y.py", ".git/config"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "requirements.txt").write_text("requests\n")
    return tmp_path


def read(context: Path, text: str) -> Image:
    (context / "Dockerfile").write_text(text)
    return read_dockerfile(context / "Dockerfile", context)


def test_a_whole_dockerfile(context: Path) -> None:
    image = read(
        context,
        """\
# syntax=docker/dockerfile:1
FROM --platform=linux/amd64 public.ecr.aws/lambda/python:3.13-x86_64 AS fn
LABEL team=storage
WORKDIR ${LAMBDA_TASK_ROOT}
ENV STAGE=prod TITLE="a title" PYTHONPATH=${LAMBDA_TASK_ROOT}/lib
ENV OLD the old form
COPY requirements.txt ${LAMBDA_TASK_ROOT}/
RUN python -m pip install --upgrade pip && \\
    # a comment within
    pip3 install --no-cache-dir -r requirements.txt -t "${LAMBDA_TASK_ROOT}"
RUN pip install 'idna>=3' -q
COPY --chown=root:root app.py $LAMBDA_TASK_ROOT
COPY fn/ ./
COPY shared/*.py /var/task/shared/
ADD app.py other.py
CMD [ "app.handler" ]
""",
    )
    assert (image.handler, image.runtime) == ("app.handler", "python3.13")
    assert image.files == {
        "requirements.txt": context / "requirements.txt",
        "app.py": context / "app.py",
        "main.py": context / "fn/main.py",
        "lib/a.py": context / "fn/lib/a.py",
        "shared/x.py": context / "shared/x.py",
        "shared/y.py": context / "shared/y.py",
        "other.py": context / "app.py",
    }
    assert image.variables == {
        "STAGE": "prod",
        "TITLE": "a title",
        "PYTHONPATH": "/var/task/lib",
        "OLD": "the old form",
    }
    assert image.requirements is not None
    assert image.requirements.lines == ("requests", "idna>=3")


def test_all_of_the_context_but_what_nobody_wants(context: Path) -> None:
    image = read(context, f"{FROM}ADD . .\nCMD app.handler\n")
    assert image.handler == "app.handler"
    assert "fn/lib/a.py" in image.files
    assert ".git/config" not in image.files
    assert image.requirements is None


def test_the_requirements_may_have_another_name(context: Path) -> None:
    (context / "requirements.txt").rename(context / "prod.txt")
    image = read(context, f"{FROM}COPY prod.txt .\nRUN pip install -r prod.txt\n")
    assert image.requirements is not None
    assert image.requirements.file == context / "prod.txt"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("RUN dnf install -y git", "RUN dnf install -y git is not supported"),
        ("RUN pip install requests --extra-index-url https://x.example", "--extra-index-url"),
        ("RUN pip install -r requirements.txt", "requirements.txt is used before it is copied"),
        ("RUN pip install -t /opt/python requests", "leads outside /var/task"),
        ("COPY --from=build /out .", "COPY --from=build /out . is not supported"),
        ("COPY app.py /opt/", "leads outside /var/task"),
        ("COPY app.py ../", "leads outside /var/task"),
        ("COPY none.py ./", "none.py not found"),
        ("WORKDIR /app", "WORKDIR /app differs from /var/task"),
        ("ENV HERE=$HOME/x", "ENV HERE=$HOME/x is not supported"),
        ("ENV A=b C", "ENV A=b C is not supported"),
        ("VOLUME /tmp", "VOLUME is not supported"),
        ('ENTRYPOINT ["/entry.sh"]', "ENTRYPOINT is not supported"),
        ("FROM public.ecr.aws/lambda/python:3.12", "must be the single image"),
    ],
)
def test_what_is_not_read_is_refused_at_its_line(context: Path, line: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        read(context, f"{FROM}\n{line}\n")
    assert message in str(caught.value)
    assert caught.value.line == 3


@pytest.mark.parametrize(
    "text", ["FROM python:3.12-slim\n", "FROM public.ecr.aws/lambda/nodejs:20\n", "FROM scratch\n", ""]
)
def test_other_images_are_refused(context: Path, text: str) -> None:
    with pytest.raises(DockerfileError, match="FROM"):
        read(context, text)
