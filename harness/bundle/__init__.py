"""Bundles: a run and all that came of it in one zip, and the same run again from that zip alone.

On the way in, `reads` hears which files the run opens, `contents` makes the entries of them and of the
results (`records`), without `secrets`, and `packing` writes the zip. On the way out, `opening` checks all of
a zip before `unpacking` writes any of it, `cell` gives a process nothing but that and the harness, and
`differences` compares the records. Both sides know `manifest`, the form of `bundle.json`, and `versions`.
"""
