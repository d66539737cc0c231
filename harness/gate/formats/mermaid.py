"""The graph of a state machine as Mermaid, which GitHub and GitLab draw: https://mermaid.js.org/syntax/flowchart.html"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from harness.gate.graph import Flow, Graph
from harness.printable import one_line

_MISSED = "stroke:#c60,stroke-width:2px,stroke-dasharray:5 4"
_CHANGED = "fill:#fe9,stroke:#a80,color:#000"


def mermaid(graph: Graph) -> str:
    """Return the text for a flowchart. Missed states have a dashed border, and changed states are filled."""
    return "\n".join(["flowchart TD", *_Writer(graph).lines()])


class _Writer:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._numbers = count()
        self._missed: list[str] = []
        self._changed: list[str] = []

    def lines(self) -> Iterator[str]:
        yield from self._of_flow(self._graph.flow, "  ")
        for name, ids, style in (("missed", self._missed, _MISSED), ("changed", self._changed, _CHANGED)):
            if ids:
                yield f"  classDef {name} {style}"
                yield f"  class {','.join(ids)} {name}"

    def _of_flow(self, flow: Flow, indent: str) -> Iterator[str]:
        """Yield the lines for a workflow. Node IDs are generated: a state name may contain any character."""
        ids = {node.name: f"s{next(self._numbers)}" for node in flow.nodes}
        begin = f"b{next(self._numbers)}"
        yield f"{indent}{begin}((( )))"
        for node in flow.nodes:
            own = ids[node.name]
            if node.name in self._graph.missed:
                self._missed.append(own)
            if node.name in self._graph.changed:
                self._changed.append(own)
            shape = ("{", "}") if node.type == "Choice" else ("[", "]")
            if not node.inside:
                yield f"{indent}{own}{shape[0]}{_quoted(node.name)}{shape[1]}"
                continue
            yield f"{indent}subgraph {own}[{_quoted(f'{node.name} ({node.type})')}]"
            for inner in node.inside:
                yield from self._of_flow(inner, f"{indent}  ")
            yield f"{indent}end"
        if flow.start in ids:
            yield f"{indent}{begin} --> {ids[flow.start]}"
        for source, target, label in flow.edges:
            if target in ids:
                yield f"{indent}{ids[source]} -->{f'|{_quoted(label)}|' if label else ''} {ids[target]}"


def _quoted(text: str) -> str:
    """Escape a label for Mermaid, which interprets entities and HTML."""
    shown = (
        one_line(text).replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
    )
    return f'"{shown}"'
