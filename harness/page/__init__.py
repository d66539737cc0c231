"""The page of an engine that is up: executions, messages, tables, buckets and logs, in a browser.

It is served by the process of `harness up`, at a port of its own, and asks the engine as anybody could: so no
line of it is in the engine, which it cannot stop, slow down or change. What it asks is not counted among the
calls, and waits for no time to pass (`look`).

`doors` says whom it answers, `server` listens, `app` finds the view of a path, and `views` write it.
"""
