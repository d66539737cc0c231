"""Makes a definition of histories, as far as they show it.

The way: `visits` takes histories apart into the states that were entered, flow by flow; `values` finds where
in what a state was given a value comes from; `flowing` makes the fields by which data goes through a state,
`trying` those of its failures; `kinds` makes states, and `workflow` puts them together.

Nothing is guessed in silence: each field that the histories do not settle is told.
"""

from .workflow import Reconstructed, reconstructed

__all__ = ["Reconstructed", "reconstructed"]
