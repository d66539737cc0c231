"""MiniStack in a child process: `server` is the child, `engine` the parent's side."""
