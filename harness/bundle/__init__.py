"""Bundles: a run and all its results in one zip, and the repetition of that run from the zip alone.

To write a bundle, `reads` observes the files that the run opens. `contents` makes entries of them and of the
results (`records`), without `secrets`. `packing` writes the zip. To run a bundle, `opening` checks the whole
zip before `unpacking` writes any of it. `cell` gives a process access to only that and the harness.
`differences` compares the records. Both sides use `manifest`, the form of `bundle.json`, and `versions`.
"""
