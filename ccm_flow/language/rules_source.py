"""What a file of billing rules looks like: strict groups of settings."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ccm_flow.language.source_base import Source, Text


def _as_text(value: Any) -> Any:
    """Take a number for the text it was typed as: codes and amounts need no quotes."""
    plain_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if plain_number else value


Word = Annotated[Text, BeforeValidator(_as_text)]
"""A code, an amount or a word."""
Count = Annotated[int, Field(ge=1, le=1000)]
Percent = Annotated[int, Field(ge=0, le=100)]


class CitedSource(Source):
    """A rule: who says so, and how well it is founded."""

    source: Text = Field(description="A name from `sources:`.")
    status: Text = Field(description="`confirmed`, `vendor` or `verify`.")


class PercentSource(CitedSource):
    """A part of an amount."""

    percent: Percent = Field(description="Of a hundred.")
    for_: list[Text] = Field(
        default=[], alias="for", description="The kinds of practitioner it is about."
    )


class PlacesSource(CitedSource):
    """Where something holds."""

    places: list[Text] = Field(description="`office`, `facility`, `rhc`, `fqhc`.")


class QualifyingSource(CitedSource):
    """Whether the amounts hold for qualifying participants of advanced payment models."""

    included: bool = Field(description="True when there is one amount for both.")


class PaymentSource(Source):
    """How an allowed amount is split and reduced."""

    medicare: PercentSource = Field(description="Medicare's part.")
    sequestration: PercentSource = Field(description="What is taken off Medicare's part.")
    reduced: PercentSource = Field(description="What some practitioners are paid of it.")
    whole: PlacesSource = Field(description="Where the national amount is paid whole.")
    qualifying: QualifyingSource = Field(description="Whose amounts these are.")


class NeedSource(CitedSource):
    """Something that must be there."""

    act: Text = Field(default="block", description="What follows without it: `block`, `warn`.")


class ConditionsSource(NeedSource):
    """How many chronic condition groups."""

    at_least: Annotated[int, Field(ge=0, le=50)] = Field(default=0, description="The fewest.")
    at_most: Annotated[int, Field(ge=0, le=50)] | None = Field(
        default=None, description="The most."
    )


class VisitSource(NeedSource):
    """The visit that starts the program."""

    months: Annotated[int, Field(ge=1, le=120)] = Field(
        description="How long before enrolling it may lie."
    )


class DecisionSource(NeedSource):
    """How complex the decisions must be."""

    levels: list[Text] = Field(description="`straightforward`, `low`, `moderate`, `high`.")


class QmbSource(NeedSource):
    """Being a qualified Medicare beneficiary."""

    wanted: bool = Field(description="True to be one, false not to be.")


class AttestedSource(NeedSource):
    """What the practitioner states."""

    words: list[Text] = Field(description="Names from `attestations:`.")


class NeedsSource(Source):
    """What is asked for."""

    consent: NeedSource | None = Field(default=None, description="A consent in force.")
    care_plan: NeedSource | None = Field(default=None, description="A care plan.")
    care_plan_shared: NeedSource | None = Field(default=None, description="A copy given.")
    care_plan_revised: NeedSource | None = Field(
        default=None, description="Established or substantially revised this month."
    )
    conditions: ConditionsSource | None = Field(default=None, description="Condition groups.")
    initiating_visit: VisitSource | None = Field(default=None, description="A starting visit.")
    decision_making: DecisionSource | None = Field(default=None, description="Complexity.")
    qmb: QmbSource | None = Field(default=None, description="A qualified beneficiary or not.")
    attested: AttestedSource | None = Field(default=None, description="Statements.")


class ProgramSource(Source):
    """A program."""

    title: Text = Field(description="What people call it.")
    needs: NeedsSource = Field(default=NeedsSource(), description="What all its codes need.")


class FamilySource(CitedSource):
    """Codes of which one is billed in a month."""

    title: Text = Field(description="What they have in common.")


class ElsewhereSource(CitedSource):
    """Codes that others bill."""

    title: Text = Field(description="What they are, in own words.")
    codes: list[Word] = Field(description="Codes, or ranges as `90951-90970`.")


class MinutesSource(CitedSource):
    """Earned by a first number of minutes."""

    first: Count = Field(description="Whole minutes in the month.")
    of: list[Text] = Field(description="`clinical_staff`, `practitioner`.")


class EachMoreSource(CitedSource):
    """Earned by further minutes."""

    minutes: Count = Field(description="For each unit.")
    base: list[Word] = Field(description="The codes it is added to.")


class RecordedSource(CitedSource):
    """Earned by a recorded act."""

    base: list[Word] = Field(default=[], description="The codes it is added to.")


class DaysSource(CitedSource):
    """Earned by days with readings."""

    at_least: Count = Field(description="The fewest.")
    at_most: Count = Field(description="The most.")


class DischargeSource(CitedSource):
    """Earned after a discharge."""

    visit_within: Count = Field(description="Days.")
    decision_making: list[Text] = Field(description="The complexity it takes.")
    covers: Count = Field(description="Days, from the discharge on.")


class InsteadSource(CitedSource):
    """Stands in for other codes."""

    of: list[Word] = Field(description="The codes it stands in for.")


class CapSource(CitedSource):
    """The most units."""

    units: Count | None = Field(description="Empty when there is no limit.")
    per: Text = Field(default="month", description="`month`, `episode` or `ever`.")


class PayableSource(CitedSource):
    """When and where it is paid, if not always and everywhere."""

    from_: Text | None = Field(default=None, alias="from", description="The first day.")
    to: Text | None = Field(default=None, description="The last day.")
    places: list[Text] | None = Field(default=None, description="Where.")


class RateSource(CitedSource):
    """An amount from a day on."""

    from_: Text | None = Field(default=None, alias="from", description="The first day.")
    amount: Word = Field(description="Dollars; `unknown` when no source gives it.")
    facility: Word | None = Field(default=None, description="Dollars in facilities.")


class CodeSource(Source):
    """One code."""

    title: Text = Field(description="What it is, in own words.")
    program: Text = Field(description="A name from `programs:`.")
    family: Text = Field(description="A name from `families:`.")
    minutes: MinutesSource | None = Field(default=None, description="Earned by minutes.")
    each_more: EachMoreSource | None = Field(default=None, description="Earned by more minutes.")
    monthly: CitedSource | None = Field(default=None, description="Earned by the month.")
    recorded: RecordedSource | None = Field(default=None, description="Earned by an act.")
    days: DaysSource | None = Field(default=None, description="Earned by days with readings.")
    discharge: DischargeSource | None = Field(default=None, description="Earned after one.")
    instead: InsteadSource | None = Field(default=None, description="Stands in for others.")
    most: CapSource = Field(description="The most units.")
    payable: PayableSource | None = Field(default=None, description="When and where it is paid.")
    when: NeedsSource = Field(default=NeedsSource(), description="Which of its family fits.")
    needs: NeedsSource = Field(default=NeedsSource(), description="What it alone needs.")
    rates: list[RateSource] = Field(description="Amounts, by day.")


class PairSource(CitedSource):
    """Two sets of codes at the same time."""

    id: Text = Field(description="Names the rule.")
    first: list[Word] = Field(description="Codes or names from `groups:` and `elsewhere:`.")
    second: list[Word] = Field(description="The same.")
    act: Text = Field(description="`block`, `warn` or `allow`.")
    scope: Text = Field(
        description="`same practitioner`, `other practitioner`, `any practitioner`."
    )
    why: Text = Field(description="A sentence.")


class RulesSource(Source):
    """A file of billing rules."""

    rules: Text = Field(description="The file's name for itself.")
    title: Text = Field(description="What people call it.")
    from_: Text = Field(alias="from", description="Its first month.")
    to: Text = Field(description="Its last month.")
    sources: dict[str, Text] = Field(description="Who is quoted, in full words.")
    payment: PaymentSource = Field(description="How amounts are split.")
    paid_at: PlacesSource = Field(description="Where codes are paid, unless they say otherwise.")
    attestations: dict[str, Text] = Field(default={}, description="What may be stated.")
    programs: dict[str, ProgramSource] = Field(description="The programs.")
    families: dict[str, FamilySource] = Field(description="Codes that exclude each other.")
    groups: dict[str, list[Word]] = Field(default={}, description="Sets of codes.")
    elsewhere: dict[str, ElsewhereSource] = Field(default={}, description="Others' codes.")
    codes: dict[str, CodeSource] = Field(description="The codes.")
    concurrency: list[PairSource] = Field(description="What may stand beside what.")


class LocalitySource(CitedSource):
    """The amounts of one payment locality."""

    locality: Word = Field(description="Its number or name.")
    title: Text = Field(description="What people call it.")
    from_: Text = Field(alias="from", description="Its first month.")
    to: Text = Field(description="Its last month.")
    amounts: dict[str, Word] = Field(description="Dollars for one unit of each code.")
