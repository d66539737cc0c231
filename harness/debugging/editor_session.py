"""An editor's requests in the Debug Adapter Protocol, from `initialize` to `disconnect`."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from harness.debugging.adapter_protocol import Editor
from harness.debugging.debugged import Debugged, Refused
from harness.debugging.source_files import SourceFiles, line_from, lines_with_code, text_of
from harness.functions.shared.editor_link import BreakFile, Breakpoint, Go, Stopped, Wanted

_FILTERS: Final = (
    {"filter": "raised", "label": "Raised Exceptions", "default": False},
    {"filter": "uncaught", "label": "Uncaught Exceptions", "default": True},
)
_CAN: Final[Mapping[str, object]] = {
    "supportsConfigurationDoneRequest": True,
    "supportsConditionalBreakpoints": True,
    "supportsLogPoints": True,
    "supportsEvaluateForHovers": True,
    "supportsExceptionInfoRequest": True,
    "exceptionBreakpointFilters": _FILTERS,
}
_NOT_BOUND: Final = "pending: no function has run this file yet"
_IDLE: Final = {"id": 1, "name": "no function is running"}
_NUMBERS: Final = itertools.count(1)  # of breakpoints


class EditorSession:
    """Serves one editor in the thread that calls `serve`; other threads report functions to it.

    Attributes:
        configured: set when the editor has sent its initial configuration, or has disconnected.
    """

    def __init__(self, editor: Editor, files: SourceFiles) -> None:
        self.configured = threading.Event()
        self._editor = editor
        self._files = files
        self._lock = threading.RLock()
        self._functions: list[Debugged] = []
        self._held: Debugged | None = None
        self._turn = threading.Lock()  # for functions that run in parallel: one is stopped at a time
        self._break_files: dict[str, list[Breakpoint]] = {}
        self._filters = {"uncaught"}
        self._elsewhere: dict[str, int] = {}  # files that exist only in functions, with their numbers
        self._gone = False
        self._ways: Mapping[str, Go] = {
            "continue": "continue", "next": "next", "stepIn": "stepIn", "stepOut": "stepOut"
        }  # fmt: skip
        self._requests: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, object]]] = {
            "initialize": lambda _: _CAN,
            "attach": self._attach,
            "configurationDone": lambda _: {},
            "setBreakpoints": self._set_breakpoints,
            "setFunctionBreakpoints": self._set_function_breakpoints,
            "setExceptionBreakpoints": self._set_exception_breakpoints,
            "threads": self._threads,
            "stackTrace": self._stack_trace,
            "source": self._source,
            "pause": self._pause,
            **dict.fromkeys(self._ways, lambda _: {"allThreadsContinued": True}),
            **{name: self._asking(name) for name in ("scopes", "variables", "evaluate", "exceptionInfo")},
        }

    # For the functions' threads

    def wanted_by(self, debugged: Debugged) -> Wanted | None:
        """Add a function and return its stops, or None if the editor has disconnected."""
        with self._lock:
            if self._gone or not self.configured.is_set():
                return None
            self._functions.append(debugged)
            self._tell("thread", {"reason": "started", "threadId": debugged.number})
            return self._wanted(debugged.function)

    def stopped(self, debugged: Debugged, stopped: Stopped) -> None:
        """Wait for a stopped function's turn, and notify the editor."""
        self._turn.acquire()
        with self._lock:
            self._held = debugged
            if self._gone:
                self._let_go("continue")
                return
        text = stopped["text"]
        body = {"reason": stopped["reason"], "threadId": debugged.number, "allThreadsStopped": True}
        said = {"text": text, "description": text} if text else {}
        self._tell("stopped", {**body, **said, "hitBreakpointIds": stopped["ids"]})

    def bound(self, debugged: Debugged, path: str, deployed: str) -> None:
        """Report to the editor that a file with breakpoints is part of a function."""
        self._files.bind(debugged.function, deployed, path)
        for each in self._break_files.get(path, ()):
            shown = {"id": each["id"], "verified": True, "line": each["line"], "source": _source(path)}
            self._tell("breakpoint", {"reason": "changed", "breakpoint": shown})

    def say(self, text: str) -> None:
        """Show text in the editor's console."""
        self._tell("output", {"category": "console", "output": text})

    def ended(self, debugged: Debugged) -> None:
        """Remove a function."""
        with self._lock:
            debugged.answered(None)
            if debugged in self._functions:
                self._functions.remove(debugged)
            if self._held is debugged:
                self._held = None
                self._turn.release()
        self._tell("thread", {"reason": "exited", "threadId": debugged.number})

    # For the editor's thread

    def serve(self) -> None:
        """Respond to the editor until it disconnects."""
        try:
            while (request := self._editor.request()) is not None:
                command = str(request.get("command"))
                if command == "disconnect":
                    self._editor.respond(request, {})
                    return
                self._answer(request, command)
        except (OSError, ValueError):
            return
        finally:
            self._leave()

    def end(self) -> None:
        """Notify the editor that debugging has ended."""
        self._tell("terminated")
        self._editor.close()

    def _answer(self, request: Mapping[str, Any], command: str) -> None:
        serve = self._requests.get(command)
        if serve is None:
            self._editor.refuse(request, f"the request {command} is not supported")
            return
        try:
            body = serve(request.get("arguments") or {})
        except Refused as error:
            self._editor.refuse(request, str(error))
            return
        except (LookupError, TypeError) as error:
            self._editor.refuse(request, f"invalid arguments for {command}: {error!r}")
            return
        self._editor.respond(request, body)
        if command == "attach":
            self._tell("initialized")
        elif command == "configurationDone":
            self.configured.set()
        elif way := self._ways.get(command):
            with self._lock:
                self._let_go(way)

    def _leave(self) -> None:
        with self._lock:
            self._gone = True
            for each in self._functions:
                _safely(lambda each=each: each.want(None))  # type: ignore[misc]
            self._let_go("continue")
        self.configured.set()
        self._editor.close()

    def _let_go(self, way: Go) -> None:
        held, self._held = self._held, None
        if held is not None:
            _safely(lambda: held.go(way))
            self._turn.release()

    def _attach(self, arguments: Mapping[str, Any]) -> Mapping[str, object]:
        if arguments.get("pathMappings"):
            self.say("pathMappings are not needed: files are found by their content\n")
        if arguments.get("justMyCode") is False:
            self.say(
                "justMyCode is always true: the debugger stops only in the code and the layers of functions\n"
            )
        return {}

    def _set_breakpoints(self, arguments: Mapping[str, Any]) -> Mapping[str, object]:
        path = os.path.realpath(str(arguments["source"]["path"]))
        text = text_of(path)
        try:
            lines = lines_with_code(path, text)
        except (SyntaxError, ValueError) as error:
            return {"breakpoints": [_refusal(str(error)) for _ in arguments.get("breakpoints", ())]}
        found: list[Breakpoint] = []
        shown: list[Mapping[str, object]] = []
        for asked in arguments.get("breakpoints", ()):
            line = line_from(lines, int(asked["line"]))
            if line is None:
                shown.append(_refusal("no code found at or below this line"))
                continue
            id_ = next(_NUMBERS)
            texts = {"condition": asked.get("condition") or "", "log": asked.get("logMessage") or ""}
            found.append({"id": id_, "line": line, **texts})  # type: ignore[typeddict-item]
            shown.append({"id": id_, "verified": False, "line": line, "message": _NOT_BOUND})
        self._break_files[path] = found
        self._spread()
        return {"breakpoints": shown}

    def _set_function_breakpoints(self, arguments: Mapping[str, Any]) -> Mapping[str, object]:
        refused = _refusal("function breakpoints are not supported; set a breakpoint at a line")
        return {"breakpoints": [refused for _ in arguments.get("breakpoints", ())]}

    def _set_exception_breakpoints(self, arguments: Mapping[str, Any]) -> Mapping[str, object]:
        chosen = [each.get("filterId") for each in arguments.get("filterOptions") or ()]
        self._filters = {*arguments.get("filters", ()), *chosen}
        self._spread()
        return {}

    def _threads(self, _: Mapping[str, Any]) -> Mapping[str, object]:
        with self._lock:
            running = [{"id": each.number, "name": each.function} for each in self._functions]
        return {"threads": running or [_IDLE]}

    def _stack_trace(self, arguments: Mapping[str, Any]) -> Mapping[str, object]:
        held = self._holding()
        if arguments.get("threadId") != held.number:
            return {"stackFrames": [], "totalFrames": 0}  # from a function that waits for its turn
        frames = held.ask("stackTrace", {})["stackFrames"]
        first = int(arguments.get("startFrame") or 0)
        last = first + (int(arguments.get("levels") or 0) or len(frames))
        files = [frame.pop("file") for frame in frames]
        sources = [self._source_of(held, file) for file in files]
        shown = [{**f, "column": 1, "source": source} for f, source in zip(frames, sources, strict=True)]
        return {"stackFrames": shown[first:last], "totalFrames": len(frames)}

    def _source_of(self, debugged: Debugged, deployed: str) -> Mapping[str, object]:
        path = self._files.source_of(debugged.function, deployed)
        if path:
            return _source(path)
        number = self._elsewhere.setdefault(deployed, len(self._elsewhere) + 1)
        return {"name": os.path.basename(deployed), "path": deployed, "sourceReference": number}

    def _source(self, arguments: Mapping[str, Any]) -> Mapping[str, object]:
        return self._holding().ask("source", {"file": arguments["source"]["path"]})

    def _pause(self, _: Mapping[str, Any]) -> Mapping[str, object]:
        with self._lock:
            for each in self._functions:
                _safely(lambda each=each: each.send({"pause": True}))  # type: ignore[misc]
        return {}

    def _asking(self, command: str) -> Callable[[Mapping[str, Any]], Mapping[str, object]]:
        return lambda arguments: self._holding().ask(command, arguments)

    def _holding(self) -> Debugged:
        with self._lock:
            if self._held is None:
                raise Refused("no function is stopped")
            return self._held

    def _wanted(self, function: str) -> Wanted:
        files: Sequence[BreakFile] = [
            {
                "path": path,
                "text": text_of(path),
                "deployed": self._files.deployed_as(function, path),
                "breakpoints": breakpoints,
            }
            for path, breakpoints in self._break_files.items()
            if breakpoints
        ]
        raised, uncaught = "raised" in self._filters, "uncaught" in self._filters
        return {"files": list(files), "raised": raised, "uncaught": uncaught}

    def _spread(self) -> None:
        with self._lock:
            for each in self._functions:
                _safely(lambda each=each: each.want(self._wanted(each.function)))  # type: ignore[misc]

    def _tell(self, event: str, body: Mapping[str, object] | None = None) -> None:
        _safely(lambda: self._editor.tell(event, body))


def _safely(send: Callable[[], None]) -> None:
    """Send to a peer that may have disconnected."""
    with contextlib.suppress(OSError):
        send()


def _source(path: str) -> Mapping[str, object]:
    return {"name": os.path.basename(path), "path": path}


def _refusal(text: str) -> Mapping[str, object]:
    return {"verified": False, "message": text}
