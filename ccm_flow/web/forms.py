"""Values that forms send, read strictly."""

from datetime import UTC, datetime

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.app.care import ClinicView

Moment = datetime
"""What a `datetime-local` field sends: a date and a time without a zone."""


def in_clinic_time(clinic: ClinicView, moment: Moment) -> datetime:
    """Read what somebody typed as the clinic's time; give the instant in UTC."""
    return moment.replace(tzinfo=clinic_zone(clinic.hours.time_zone)).astimezone(UTC)
