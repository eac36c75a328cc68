"""What a staff file looks like: strict groups of settings."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ccm_flow.language.source_base import Source, Text


def _as_text(value: Any) -> Any:
    """Take a whole number of dollars for the text it was typed as."""
    plain_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if plain_number else value


class AbsenceSource(Source):
    """Days on which somebody does not work."""

    from_: Text = Field(alias="from", description="The first day, e.g. 2026-12-21.")
    to: Text = Field(description="The last day.")
    because: str = Field(default="", max_length=200, description="Why.")


class PersonSource(Source):
    """One person."""

    id: Text = Field(description="A short name, e.g. `maria`.")
    name: str = Field(default="", max_length=200, description="The name that others see.")
    organization: Text = Field(default="clinic", description="`clinic` or `vendor`.")
    roles: dict[str, Annotated[int, Field(ge=0, le=1440)]] = Field(
        description="Protected minutes of each day, by role of the playbook."
    )
    days: list[Text] | None = Field(default=None, description="`mon` to `sun`; else as the team.")
    hours: Text | None = Field(default=None, description="As `08:30-17:00`; else as the team.")
    credential: Text | None = Field(default=None, description="As in a clinic's file.")
    cost_per_hour: Annotated[Text, BeforeValidator(_as_text)] | None = Field(
        default=None, description="Dollars; left out when it is not known."
    )
    absences: list[AbsenceSource] = Field(default=[], description="When they are away.")


class StaffSource(Source):
    """A staff file."""

    staff: Text = Field(description="The file's name for itself.")
    title: Text = Field(default="", description="What people call it.")
    panel: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None,
        description="Patients for one such team; more patients get more teams. One team for all "
        "when left out.",
    )
    days: list[Text] = Field(
        default=["mon", "tue", "wed", "thu", "fri"], description="The days people work."
    )
    hours: Text = Field(default="09:00-17:00", description="The hours people work.")
    people: list[PersonSource] = Field(description="Everybody.")
