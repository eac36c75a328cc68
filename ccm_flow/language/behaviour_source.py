"""What a behaviour file looks like: strict groups of settings, each with its source."""

from typing import Annotated

from pydantic import Field

from ccm_flow.language.source_base import Source, Text

Percent = Annotated[int, Field(ge=0, le=100)]
PerThousand = Annotated[int, Field(ge=0, le=10_000)]


class CitedFigure(Source):
    """A figure and who says so."""

    source: Text = Field(description="A name from `sources:`.")


class ShareSource(CitedFigure):
    """How often something is so."""

    percent: Percent = Field(description="Of a hundred.")


class HourShareSource(Source):
    """A share from an hour of the day on."""

    from_: Text = Field(alias="from", description="The clock on the clinic's wall, e.g. `16:00`.")
    percent: Percent = Field(description="Of a hundred.")


class ChannelSource(ShareSource):
    """How often a channel gets through."""

    hours: list[HourShareSource] = Field(default=[], description="Where the hour changes it.")


class DelaySource(CitedFigure):
    """How long until a step is taken up."""

    hours: Annotated[int, Field(ge=0, le=200)] = Field(description="Open clinic hours.")


class WeightsSource(CitedFigure):
    """How a step ends."""

    weights: dict[str, Annotated[int, Field(ge=0, le=1000)]] = Field(
        description="Outcomes of the step; how often each happens beside the others."
    )


class WorkSource(CitedFigure):
    """How long a step takes."""

    minutes: Annotated[int, Field(ge=0, le=480)] | None = Field(
        default=None, description="On average; what the playbook expects when left out."
    )
    spread: Percent | None = Field(
        default=None, description="Of a hundred, either way; the file's `spread` when left out."
    )


class RateSource(CitedFigure):
    """How often something befalls a patient."""

    per_thousand: PerThousand = Field(description="In a thousand patient-months.")


class StaySource(CitedFigure):
    """How long a hospital stay lasts."""

    days: Annotated[int, Field(ge=1, le=60)] = Field(description="On average.")


class HappeningsSource(Source):
    """What befalls patients."""

    admissions: RateSource | None = Field(default=None, description="Hospital stays.")
    stay: StaySource | None = Field(default=None, description="How long they last.")
    escalations: RateSource | None = Field(default=None, description="Clinical questions.")
    lab_results: RateSource | None = Field(default=None, description="New results.")
    callbacks: RateSource | None = Field(default=None, description="Patients who call.")
    withdrawals: RateSource | None = Field(default=None, description="Patients who leave.")
    deaths: RateSource | None = Field(default=None, description="Patients who die.")


class ChartSource(Source):
    """What patients have in their record."""

    consent: ShareSource | None = Field(default=None, description="A consent in force.")
    care_plan: ShareSource | None = Field(default=None, description="A shared care plan.")
    conditions: ShareSource | None = Field(default=None, description="Enough conditions.")
    coverage: ShareSource | None = Field(default=None, description="Medicare Part B.")
    high_risk: ShareSource | None = Field(default=None, description="The high risk tier.")


class CredentialSource(CitedFigure):
    """What the people of a role are licensed as."""

    credential: Text = Field(description="As in a clinic's file: `rn`, `ma`, `none`, ...")


class BehaviourSource(Source):
    """A behaviour file; what it leaves out is as in the shipped one."""

    behaviour: Text = Field(description="The file's name for itself.")
    title: Text = Field(default="", description="What people call it.")
    sources: dict[str, Text] = Field(description="Who is quoted, in full words.")
    reached: dict[str, ChannelSource] = Field(default={}, description="By channel.")
    left_message: ShareSource | None = Field(default=None, description="Of failed attempts.")
    no_shows: ShareSource | None = Field(default=None, description="Of contacts without attempts.")
    delays: dict[str, DelaySource] = Field(default={}, description="`other`, and by role.")
    late: ShareSource | None = Field(default=None, description="Of steps.")
    forgotten: ShareSource | None = Field(default=None, description="Of steps.")
    ordinary: ShareSource | None = Field(default=None, description="Of steps without weights.")
    outcomes: dict[str, WeightsSource] = Field(default={}, description="By step.")
    spread: ShareSource | None = Field(default=None, description="Of the time steps take.")
    minutes: dict[str, WorkSource] = Field(default={}, description="By step.")
    happenings: HappeningsSource = Field(
        default=HappeningsSource(), description="What befalls patients."
    )
    chart: ChartSource = Field(default=ChartSource(), description="What the record has.")
    credentials: dict[str, CredentialSource] = Field(default={}, description="By role.")
