"""EventBridge schedule expressions: `rate(5 minutes)` and `cron(0 10 * * ? *)`, in UTC.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)(s?)\)")
_CRON: Final = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_UNIT_S: Final = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_YEARS: Final = range(1970, 2200)
_FAR_DAYS: Final = 366 * 40  # a given weekday falls on 29 February again after 28 or 40 years


@dataclass(frozen=True)
class Rate:
    """A schedule with a fixed interval in seconds."""

    seconds: int

    def after(self, moment: float) -> float | None:
        """Return the next time after the previous one, or after the start."""
        return moment + self.seconds


@dataclass(frozen=True)
class Cron:
    """A schedule of the times whose minute, hour and day match all fields."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    month_days: str
    months: frozenset[int]
    weekdays: str
    years: frozenset[int]

    def after(self, moment: float) -> float | None:
        """Return the next time after this one, or None if there is none."""
        first = datetime.fromtimestamp(moment, UTC)
        day = first.date()
        for _ in range(_FAR_DAYS):
            if self._has(day):
                for hour in self.hours:
                    for minute in self.minutes:
                        found = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                        if found > first:
                            return found.timestamp()
            if day.year >= _YEARS[-1]:
                return None
            day += timedelta(days=1)
        return None

    def _has(self, day: date) -> bool:
        return (
            day.year in self.years
            and day.month in self.months
            and any(_is_month_day(part, day) for part in self.month_days.split(","))
            and any(_is_weekday(part, day) for part in self.weekdays.split(","))
        )


Schedule = Rate | Cron


def parsed(expression: str) -> Schedule:
    """Parse a schedule expression. Raises ValueError."""
    if rate := _RATE.fullmatch(expression):
        value = int(rate[1])
        if value < 1 or (value == 1) == bool(rate[3]):
            raise ValueError(
                f"{expression}: use the singular for a value of 1 and the plural for other values"
            )
        return Rate(value * _UNIT_S[rate[2]])
    cron = _CRON.fullmatch(expression)
    if cron is None:
        raise ValueError(f"{expression} is neither rate(...) nor cron(...) with six fields")
    minutes, hours, month_days, months, weekdays, years = cron.groups()
    if (month_days == "?") == (weekdays == "?"):
        raise ValueError(f"{expression}: either the day of the month or the day of the week must be ?")
    found = Cron(
        tuple(sorted(_numbers(minutes, range(60)))),
        tuple(sorted(_numbers(hours, range(24)))),
        month_days,
        frozenset(_numbers(months, range(1, 13), _MONTHS)),
        weekdays.upper(),
        frozenset(_numbers(years, _YEARS)),
    )
    for part in month_days.split(","):
        _is_month_day(part, date(2024, 1, 1))
    for part in found.weekdays.split(","):
        _is_weekday(part, date(2024, 1, 1))
    return found


def _numbers(field: str, allowed: range, names: tuple[str, ...] = ()) -> set[int]:
    """Parse a field such as `0/15`, `1-5` or `JAN,MAR`."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            first, last = allowed[0], allowed[-1]
        else:
            begin, dash, end = span.partition("-")
            first = _number(begin, names, allowed[0])
            last = _number(end, names, allowed[0]) if dash else allowed[-1] if step else first
        if first not in allowed or last not in allowed or first > last:
            raise ValueError(f"{part} is not within {allowed[0]} to {allowed[-1]}")
        found.update(range(first, last + 1, max(int(step), 1) if step else 1))
    return found


def _number(text: str, names: tuple[str, ...], first: int) -> int:
    return names.index(text.upper()) + first if text.upper() in names else int(text)


def _is_month_day(part: str, day: date) -> bool:
    """Return whether a day matches part of the day-of-month field. `L` is the last day, `15W` a weekday."""
    last = calendar.monthrange(day.year, day.month)[1]
    if part == "L":
        return day.day == last
    if part.endswith("W"):
        wanted = date(day.year, day.month, min(int(part[:-1]), last))
        shift = {5: -1, 6: 1}.get(wanted.weekday(), 0)
        nearest = wanted.day + shift
        if nearest < 1 or nearest > last:  # the nearest weekday must be in the same month
            nearest = wanted.day - 2 * shift
        return day.day == nearest
    return day.day in _numbers(part, range(1, 32))


def _is_weekday(part: str, day: date) -> bool:
    """Return whether a day matches part of the weekday field.

    `6L` is the last Friday, `2#1` the first Monday.
    """
    weekday = (day.weekday() + 1) % 7 + 1
    if part == "L":
        return weekday == 7
    if part.endswith("L"):
        last = calendar.monthrange(day.year, day.month)[1]
        return weekday == _number(part[:-1], _WEEKDAYS, 1) and day.day > last - 7
    if "#" in part:
        wanted, _, number = part.partition("#")
        return weekday == _number(wanted, _WEEKDAYS, 1) and (day.day - 1) // 7 + 1 == int(number)
    return weekday in _numbers(part, range(1, 8), _WEEKDAYS)
