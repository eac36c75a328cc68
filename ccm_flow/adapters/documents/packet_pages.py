"""What every section of a packet's PDF works with."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ccm_flow.core.canonical import Plain


def day(value: str | None) -> str:
    """Write a day: `Dec 3, 2026`; nothing for none."""
    return f"{date.fromisoformat(value):%b %-d, %Y}" if value else ""


def length(seconds: int) -> str:
    """Write a length to the second: `12:05`."""
    sign = "-" if seconds < 0 else ""
    hours, rest = divmod(abs(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02d}:{left:02d}" if hours else f"{sign}{minutes}:{left:02d}"


@dataclass(frozen=True, slots=True)
class Pages:
    """One packet's content, and the clinic's zone for its times."""

    content: Plain
    zone: ZoneInfo

    def at(self, value: str | None) -> str:
        """Write an instant in the clinic's time; nothing for none."""
        if not value:
            return ""
        local = datetime.fromisoformat(value).astimezone(self.zone)
        return f"{local:%b %-d, %Y %H:%M}"
