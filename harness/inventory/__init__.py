"""Makes the seed of a scenario of a listing of buckets: an S3 Inventory, or what the AWS CLI printed.

The steps, each of them a stream, so that millions of lines need no more memory than thousands:
  reading   a file or stdin    -> a `Listed` for each line, whatever its format (csv, columnar, ls, objects)
  groups    `Listed`           -> counts and bytes of keys that are alike, coarser as they become many
  naming    groups             -> keys as patterns, with names replaced
  made      names and bytes    -> the seed, whose bytes for each extension are those of the listing
"""

from .made import Made, Wishes, made_of
from .model import Listed, Refused
from .reading import listed_in

__all__ = ["Listed", "Made", "Refused", "Wishes", "listed_in", "made_of"]
