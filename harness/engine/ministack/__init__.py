"""MiniStack in a child process. `server` runs in the child, `engine` in the parent."""
