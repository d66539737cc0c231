"""Examples for each command's help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

EXAMPLES: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "": ("harness init", "harness run", "harness run --help"),
        "init": (
            "harness init",
            "harness init --template template.yaml --machine TakeOrder",
        ),
        "run": (
            "harness run",
            "harness run scenarios/order.yaml -v",
            'harness run -m "slow and not aws" -x',
            "harness run --last-failed --json - | jq .results",
        ),
        "watch": ("harness watch scenarios/order.yaml", "harness watch -k payment -x"),
        "validate": ("harness validate", "harness validate scenarios/order.yaml --warnings"),
        "lint": ("harness lint flow.asl.json template.yaml", "harness lint --format sarif - < flow.asl.json"),
        "gate": (
            "harness gate --base origin/main",
            "harness gate --base-template deployed.yaml --markdown summary.md",
            "harness gate --base origin/main --write-baseline baseline.toml",
        ),
        "explain": (
            "harness explain",
            "harness explain scenario-unknown-key States.Timeout",
            "harness explain 3",
        ),
        "list": ("harness list", 'harness list -m "error and not slow"'),
        "up": (
            "harness up scenarios/order.yaml",
            "harness up scenarios/order.yaml --port 4566 --clock real",
            "harness up scenarios/order.yaml -- aws stepfunctions list-state-machines",
        ),
        "projects": ("harness projects", "harness projects ../another-checkout"),
        "engines": ("harness engines", "harness engines install python3.13"),
        "engines install": (
            "harness engines install python3.13",
            "harness engines install localstack",
        ),
        "engines uninstall": ("harness engines uninstall localstack",),
        "compare": (
            "harness compare --engines moto,localstack",
            "harness compare scenarios/order.yaml --engines moto,ministack --json -",
        ),
        "sweep": (
            "harness sweep scenarios/order.yaml",
            "harness sweep scenarios/order.yaml --kind error -x",
            "harness sweep scenarios/order.yaml --pairs 100 --seed 7",
        ),
        "replay": (
            "harness replay",
            "harness replay histories/failed.json --definition flow.asl.json",
            "harness replay histories/failed.json --ignore payment.id",
        ),
        "import": (
            "harness import history.json",
            "harness import history.json --definition flow.asl.json --keep-names",
        ),
        "seed-from": (
            "harness seed-from manifest.json --output scenarios/inventory.yaml",
            "aws s3 ls s3://photos --recursive | harness seed-from -",
            "harness seed-from listed.json --bucket photos --keep-names",
        ),
        "record": ("harness record scenarios/order.yaml", "harness record scenarios --update --diff"),
        "config": ("harness config", "harness config scenarios/order.yaml"),
        "schema": ("harness schema > schema.json",),
        "completion": (
            'eval "$(harness completion bash)"',
            "harness completion fish > ~/.config/fish/completions/harness.fish",
        ),
    }
)


def examples_of(program: str) -> str:
    """Return a command's examples as a section of its help; "" if it has none. Example: `harness run`."""
    lines = EXAMPLES.get(program.partition(" ")[2], ())
    return "".join(("\nexamples:\n", *(f"  {line}\n" for line in lines))) if lines else ""
