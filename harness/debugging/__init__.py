"""Debugging from a terminal or an editor: where `harness run` and pytest let functions be held.

    function's process, engine --link--> `prompts`, a process of its own --control--> `Desk`, in the command

The command listens (`desk`). At the first stop it starts a process that asks at the terminal (`prompts`): it
has a main thread of its own, so that Ctrl-C at a prompt is that prompt's affair. While it asks, the command
shows nothing else; while anybody is connected, the command's clock stands still.

With `--debugpy` an editor is asked instead, about functions only:

    function's process --link--> `EditorDesk`, in the command <--Debug Adapter Protocol-- editor

Its requests (`editor_session`) are answered by the function's process while that is held, and here otherwise.
"""
