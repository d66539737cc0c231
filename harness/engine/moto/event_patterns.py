"""EventBridge's TestEventPattern, for which moto returns an empty response.

Patched: `EventsHandler.test_event_pattern` (moto.events.responses). Source:
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
"""

from __future__ import annotations

import json
from typing import Any, Final

from moto.events.exceptions import ValidationException
from moto.events.models import EventPattern
from moto.events.responses import EventsHandler

_MANDATORY: Final = ("id", "account", "source", "time", "region", "resources", "detail-type")


def install() -> None:
    """Patch moto in this process."""
    handler: Any = EventsHandler
    handler.test_event_pattern = _test_event_pattern


def _test_event_pattern(self: Any) -> tuple[str, dict[str, Any]]:
    pattern = EventPattern.load(self._get_param("EventPattern"))
    try:
        event = json.loads(self._get_param("Event"))
    except (TypeError, ValueError):
        raise ValidationException("Parameter Event is not valid.") from None
    lacking = [name for name in _MANDATORY if not isinstance(event, dict) or name not in event]
    if lacking:
        raise ValidationException(f"Parameter Event is not valid. Missing: {', '.join(lacking)}")
    result, headers = json.dumps({"Result": pattern.matches_event(event)}), self.response_headers
    return result, headers
