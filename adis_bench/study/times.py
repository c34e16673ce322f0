"""Times in result CSVs, as Mechanical Turk writes them and as other programs do."""

import re
from datetime import UTC, datetime, timedelta, timezone

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ZONES = {"UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
"""Hours from UTC; Mechanical Turk's site writes PST and PDT, the others are those of the United States (RFC 822, section 5.1)."""
_FORM = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([0-9]{1,2}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([A-Z]{3}) ([0-9]{4})")


def time_text(time: datetime | None) -> str:
    """As the requester site writes times, in UTC, whatever the user's language; empty for None.

    >>> time_text(datetime(2019, 1, 7, 12, 34, 56, tzinfo=UTC))
    'Mon Jan 07 12:34:56 UTC 2019'
    """
    if time is None:
        return ""
    at = time.astimezone(UTC)
    return f"{_DAYS[at.weekday()]} {MONTHS[at.month - 1]} {at.day:02d} {at:%H:%M:%S} UTC {at.year}"


def read_time(text: str) -> datetime | None:
    """The time that a cell shows, in the site's form or ISO 8601; without a zone it is taken as UTC; None for other text.

    >>> read_time("Mon Jan 07 12:34:56 PST 2019").isoformat(), read_time("yesterday")
    ('2019-01-07T12:34:56-08:00', None)
    """
    found = _FORM.fullmatch(text)
    try:
        if found is None:
            time = datetime.fromisoformat(text)
            return time if time.tzinfo else time.replace(tzinfo=UTC)
        month, day, hour, minute, second, zone, year = found.groups()
        offset = timezone(timedelta(hours=_ZONES[zone]))
        return datetime(int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=offset)
    except (ValueError, KeyError):
        return None
