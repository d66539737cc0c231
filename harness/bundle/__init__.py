"""Bundles: a run and all its results in one zip, and rerunning it from the zip alone.

To write a bundle, `reads` observes which files the run opens. `contents` creates entries from these files
and from the results (`records`), without `secrets`. `packing` writes the zip. To run a bundle, `opening`
checks the whole zip before `unpacking` writes any of it. `cell` gives a process access to only that and
the harness. `differences` compares the records. Both sides use `manifest`, the form of `bundle.json`, and
`versions`.
"""
