"""Derives a definition from histories, as far as they reveal it.

The steps: `visits` splits histories into the states that were entered, flow by flow. `values` finds the
source of each value in a state's data. `flowing` derives the fields that define the data flow of a state,
and `trying` the fields for its failures. `kinds` derives states, and `workflow` combines them.

Every guess is reported: each field that the histories do not determine has a note.
"""

from .workflow import Reconstructed, reconstructed

__all__ = ["Reconstructed", "reconstructed"]
