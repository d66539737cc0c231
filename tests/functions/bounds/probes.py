"""Run functions that connect or allocate, and print each result as JSON, by function name.

The arguments are the start method for environments (`fork`, `spawn` or `template`) and a JSON object:
function sources by name, and the addresses that they are allowed to connect to.
"""

from __future__ import annotations

import json
import sys
import tempfile
import textwrap
import threading
from pathlib import Path
from typing import cast

sys.path.insert(0, str(Path(__file__).parents[1]))

from virtual_service import Service

from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.interpreter import StartMethod
from harness.functions.shared.model import FunctionConfig


def main() -> None:
    way, given = sys.argv[1:]
    method = cast(StartMethod, "fork" if way == "template" else way)
    service = None
    if way == "template":  # on virtual time, environments are forked from one process
        service = Service()
        threading.Thread(target=service.serve_forever, daemon=True).start()
    asked = json.loads(given)
    ends = {}
    with tempfile.TemporaryDirectory() as folder, FunctionRuntime(start_method=method) as runtime:
        runtime.set_network(asked.get("network", ()))
        for name, source in asked["functions"].items():
            code = Path(folder) / name.replace(" ", "-")
            code.mkdir()
            (code / "app.py").write_text(textwrap.dedent(source))
            config = FunctionConfig(
                arn=f"arn:aws:lambda:eu-west-1:123456789012:function:{name}",
                name=name,
                handler="app.handler",
                code=code,
                revision="1",
                region="eu-west-1",
                account_id="123456789012",
                endpoint_url=asked.get("endpoint_url", "http://127.0.0.1:1"),
                timeout_s=60,
                memory_mib=asked.get("memory_mib", 128),
            )
            seen = service.invoke(runtime, config, b"{}") if service else runtime.invoke(config, b"{}")
            error = [seen.error.type, seen.error.message] if seen.error else None
            ends[name] = {"error": error, "result": seen.result, "log": seen.log, "notes": seen.notes}
    print(json.dumps(ends))


if __name__ == "__main__":
    main()
