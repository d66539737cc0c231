"""The form that starts an execution."""

from __future__ import annotations

from collections.abc import Mapping

from harness.page.layout import Shown
from harness.page.look import Look
from harness.page.markup import Child, Html, el
from harness.page.starting import INPUT, MACHINE, NAME, Form
from harness.page.views.parts import nothing


def start_view(look: Look, query: Mapping[str, str]) -> Shown:
    """Show the empty form. The query can preset the state machine and the input."""
    return form_view(look, Form(query.get(MACHINE, ""), "", query.get(INPUT, "{}")))


def form_view(look: Look, form: Form) -> Shown:
    """Show the form, with the error next to each invalid field."""
    machines = look.machines()
    if not machines:
        return Shown("Start an execution", nothing("No state machines yet."))
    options = [
        el("option", {"value": each.arn, "selected": each.arn == form.machine}, each.name)
        for each in machines
    ]
    content = el(
        "form",
        {"method": "post", "action": "start", "class": "start"},
        el("p", {"class": "wrong", "role": "alert"}, form.wrong[""]) if "" in form.wrong else None,
        _field(form, MACHINE, "State machine", "select", {}, options),
        _field(form, INPUT, "Input, as JSON", "textarea", {"rows": 12, "spellcheck": "false"}, form.input),
        _field(
            form,
            NAME,
            "Name (optional)",
            "input",
            {"value": form.name, "autocomplete": "off", "maxlength": 80},
        ),
        el("p", None, el("button", {"type": "submit"}, "Start")),
    )
    title = "Start an execution" if not form.wrong else "Not started"
    return Shown(title, content, still=True)


def _field(
    form: Form,
    name: str,
    label: str,
    kind: str,
    attributes: Mapping[str, str | bool | int],
    *inside: Child,
) -> Html:
    wrong = form.wrong.get(name, "")
    first = wrong and name == next((each for each in (MACHINE, INPUT, NAME) if each in form.wrong), "")
    told: dict[str, str | bool | int] = (
        {"aria-invalid": "true", "aria-describedby": f"{name}-wrong", "autofocus": bool(first)}
        if wrong
        else {}
    )
    # HTML ignores a line feed at the beginning of a textarea.
    content: Child = ["\n", *inside] if kind == "textarea" else inside
    return el(
        "p",
        {"class": "field"},
        el("label", {"for": name}, label),
        el(kind, {"id": name, "name": name, **attributes, **told}, content),
        el("span", {"class": "wrong", "id": f"{name}-wrong"}, wrong) if wrong else None,
    )
