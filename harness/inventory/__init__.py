"""Creates a scenario's seed from a bucket listing: an S3 Inventory, or the output of the AWS CLI.

Each step is a stream, so millions of lines need no more memory than thousands:
  reading   a file or stdin    -> a `Listed` for each line, in any format (csv, columnar, ls, objects)
  groups    `Listed`           -> counts and bytes of similar keys; the more groups, the coarser
  naming    groups             -> keys as patterns, with names replaced
  made      names and bytes    -> the seed; its bytes for each extension are the same as in the listing
"""

from .made import Made, Wishes, made_of
from .model import Listed, Refused
from .reading import listed_in

__all__ = ["Listed", "Made", "Refused", "Wishes", "listed_in", "made_of"]
