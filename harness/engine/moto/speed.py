"""Patches that make moto faster without changing responses.

Patched:
- `ResponseSerializer.get_value` (moto.core.serialize), which tries several names for each member of a
  response and computes them each time. For a dict, these names depend only on the member.
- `BaseResponse._enrich_response` (moto.core.responses), which searches each response for a request ID with a
  slow regular expression.
- `create_loader` (moto.core.utils), which searches all folders of botocore for each model.
- `list_of_moto_modules` (moto.backends), which reads a folder for each request.
"""

from __future__ import annotations

import functools
from typing import Any, Final

from moto import backends
from moto.core import utils
from moto.core.responses import BaseResponse
from moto.core.serialize import (
    DEFAULT_ALIAS_PROVIDERS,
    AttributePicker,
    AttributePickerContext,
    ResponseSerializer,
)

_NAMES: Final = "_harness_names"  # stored on a member's shape: the names to try, by picker and member


def install() -> None:
    """Patch moto in this process."""
    patched: Any = ResponseSerializer
    get_value = patched.get_value

    @functools.wraps(get_value)
    def get_value_faster(self: Any, value: Any, key: str, shape: Any) -> Any:
        picker = self._value_picker
        if type(value) is not dict or getattr(picker, "response_transformers", True):
            return get_value(self, value, key, shape)
        names = _names(picker, value, key, shape)
        if names is None:
            return get_value(self, value, key, shape)
        for name in names:
            if name in value:
                return value[name]
        return None

    patched.get_value = get_value_faster
    responses: Any = BaseResponse
    enrich = responses._enrich_response

    def enrich_faster(headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
        if isinstance(body, str) and "<RequestId>" not in body:
            return enrich(headers, "")[0], body
        enriched: tuple[dict[str, str], Any] = enrich(headers, body)
        return enriched

    responses._enrich_response = staticmethod(enrich_faster)
    loading: Any = utils
    loading.create_loader = functools.cache(loading.create_loader)
    modules: Any = backends
    names = tuple(modules.list_of_moto_modules())
    modules.list_of_moto_modules = lambda: names


def _names(picker: AttributePicker, value: dict[str, Any], key: str, shape: Any) -> tuple[str, ...] | None:
    """Return the names that a member can have in a dict.

    None if one of them is a path through several dicts.
    """
    known: dict[Any, tuple[str, ...] | None] = shape.__dict__.setdefault(_NAMES, {})
    usual = picker.alias_providers is DEFAULT_ALIAS_PROVIDERS
    kind = type(picker), key, None if usual else tuple(picker.alias_providers)
    if kind not in known:
        found = tuple(dict.fromkeys(picker.get_possible_keys(AttributePickerContext(value, key, shape))))
        known[kind] = None if any("." in name for name in found) else found
    return known[kind]
