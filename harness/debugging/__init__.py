"""Debugging of functions from a terminal or an editor, in `harness run` and pytest.

    function's process, engine --link--> `prompts`, a separate process --control--> `Desk`, in the command

The command listens (`desk`). At the first stop it starts a process that shows prompts at the terminal
(`prompts`). That process has its own main thread, so that Ctrl-C at a prompt affects only the prompt. During
a prompt, the command shows nothing else. While a debugged process is connected, the command's clock stands
still.

With `--debugpy`, an editor debugs functions instead:

    function's process --link--> `EditorDesk`, in the command <--Debug Adapter Protocol-- editor

While the function's process is stopped, it responds to the editor's requests (`editor_session`). Otherwise
the command responds.
"""
