"""moto, with less work for each request; its answers stay the same.

Patched:
- `AttributePicker.__call__` (moto.core.serialize), which tries several names for each member of an answer:
  a dict that has the member under its own name is asked at once.
- `list_of_moto_modules` (moto.backends), which reads a folder for each request.
"""

from __future__ import annotations

import functools
from typing import Any

from moto import backends
from moto.core.serialize import AttributePicker, AttributePickerContext


def install() -> None:
    """Patch moto in this process."""
    patched: Any = AttributePicker
    pick = patched.__call__

    @functools.wraps(pick)
    def pick_faster(self: AttributePicker, context: AttributePickerContext) -> Any:
        obj, shape = context.obj, context.shape
        # Lists and structures may also be given under the name of their shape, which then goes first.
        renamed = shape.type_name in ("list", "structure") and type(obj) is dict and shape.name in obj
        if type(obj) is dict and context.key in obj and not renamed and not self.response_transformers:
            return obj[context.key]
        return pick(self, context)

    patched.__call__ = pick_faster
    modules: Any = backends
    names = tuple(modules.list_of_moto_modules())
    modules.list_of_moto_modules = lambda: names
