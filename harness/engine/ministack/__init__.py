"""MiniStack in a child process.

`server` runs in the child process, and `engine` in the parent process.
"""
