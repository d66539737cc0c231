"""The web page of a running engine: executions, messages, tables, buckets and logs.

The `harness up` process serves it on a separate port, and calls the engine like any other client. The
engine contains no code for the page, and the page cannot stop, slow down or change the engine. Its
requests do not count as calls and do not wait for virtual time (`look`).

`doors` decides which requests are allowed, `server` listens, `app` finds the view for a path, and `views`
render it.
"""
