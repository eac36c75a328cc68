"""How many requests in a row, and how many in the long run: a bucket of permits that refills."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Rate:
    """What one token, session or address may ask."""

    burst: int
    """So many requests at once."""
    per_second: float
    """And so many a second in the long run."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """The permits that are left, as they were at an instant."""

    left: float
    at: datetime


def full(rate: Rate, now: datetime) -> Bucket:
    """Begin with every permit."""
    return Bucket(float(rate.burst), now)


def per_span(times: int, span: timedelta) -> Rate:
    """Give the rate of so many requests at once, and as many again in each such span."""
    return Rate(times, times / span.total_seconds())


def put_back(bucket: Bucket, rate: Rate) -> Bucket:
    """Give a permit back that is not to count."""
    return Bucket(min(float(rate.burst), bucket.left + 1), bucket.at)


def take(bucket: Bucket, rate: Rate, now: datetime) -> tuple[Bucket, timedelta | None]:
    """Take a permit; when there is none, the second value says how long to wait for one."""
    passed = max(0.0, (now - bucket.at).total_seconds())
    left = min(float(rate.burst), bucket.left + passed * rate.per_second)
    if left >= 1:
        return Bucket(left - 1, now), None
    return Bucket(left, now), timedelta(seconds=(1 - left) / rate.per_second)
