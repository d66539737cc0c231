"""Bundles: a run and all its results in one zip, and rerunning it from the zip alone.

To write a bundle, `reads` observes which files the run opens. `contents` creates entries from these files and
from the results (`records`), without `secrets`. `packing` writes the zip. To run a bundle, `opening` checks
the whole zip before `unpacking` writes any of it. `cell` gives a process access only to the unpacked files
and the harness. `differences` compares the records. Writing and running both use `manifest`, the format of
`bundle.json`, and `versions`.
"""
