"""Reads behaviour files: what a simulation assumes of people and patients, each with its source."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from ccm_flow.core.assumptions import Assumptions, Chart, Happenings
from ccm_flow.core.behaviour import Behaviour, Reach, StepWork, Weights
from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import OutcomeId, RoleId, StepId
from ccm_flow.core.plan import Channel, Plan
from ccm_flow.language.behaviour_source import (
    BehaviourSource,
    ChannelSource,
    ChartSource,
    CitedFigure,
    CredentialSource,
    DelaySource,
    HappeningsSource,
    HourShareSource,
    RateSource,
    ShareSource,
    StaySource,
    WeightsSource,
    WorkSource,
)
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.schema import Form
from ccm_flow.language.sim_form import SimFile, read_clock, read_file, thing_of
from ccm_flow.language.suggest import did_you_mean

OTHER: Final = "other"
"""In `delays:`: every role that is not named."""
Word = TypeVar("Word", bound=StrEnum)
_EMPTY: Final = Assumptions("", "", Behaviour())
_CHART: Final = ("consent", "care_plan", "conditions", "coverage", "high_risk")
_RATES: Final = (
    "admissions",
    "escalations",
    "lab_results",
    "callbacks",
    "withdrawals",
    "deaths",
)
_SHARES: Final = ("left_message", "no_shows", "late", "forgotten", "ordinary", "spread")

BEHAVIOUR_FORM: Final = Form(
    root=BehaviourSource,
    shapes=MappingProxyType(
        {
            "reached": ChannelSource,
            "hours": HourShareSource,
            "left_message": ShareSource,
            "no_shows": ShareSource,
            "delays": DelaySource,
            "late": ShareSource,
            "forgotten": ShareSource,
            "ordinary": ShareSource,
            "outcomes": WeightsSource,
            "spread": ShareSource,
            "minutes": WorkSource,
            "happenings": HappeningsSource,
            **dict.fromkeys(_RATES, RateSource),
            "stay": StaySource,
            "chart": ChartSource,
            **dict.fromkeys(_CHART, ShareSource),
            "credentials": CredentialSource,
        }
    ),
    named=frozenset(["reached", "delays", "outcomes", "minutes", "credentials"]),
    left_out_hints=MappingProxyType(
        {"source": "Add `source:` with a name from `sources:`, e.g. `assumption`."}
    ),
    codes="SM",
    what="A behaviour file",
    start="behaviour: our-clinic",
    thing=thing_of(
        "The file",
        {
            "reached": "channel",
            "delays": "role",
            "outcomes": "step",
            "minutes": "step",
            "credentials": "role",
        },
    ),
)


def read_behaviour(
    text: str, name: str, base: Assumptions = _EMPTY, plan: Plan | None = None
) -> SimFile[Assumptions]:
    """
    Read a behaviour file; never raises.

    Args:
        text: its YAML.
        name: how problems name it.
        base: where settings that it leaves out come from: the shipped file.
        plan: the playbook it is about; a step or an outcome that it does not have is warned of.
    """
    return read_file(
        text,
        name,
        BEHAVIOUR_FORM,
        lambda source, report: _Compiler(report, base, plan).make(source),
    )


class _Compiler:
    """Makes assumptions of a source, and notes for each setting who says so."""

    def __init__(self, report: Report, base: Assumptions, plan: Plan | None) -> None:
        self._report = report
        self._plan = plan
        self._base = base
        self._basis = dict(base.basis)
        self._sources: Mapping[str, str] = {}

    def make(self, source: BehaviourSource) -> Assumptions:
        self._sources = source.sources
        return Assumptions(
            id=source.behaviour,
            title=source.title or source.behaviour,
            behaviour=self._behaviour(source),
            happenings=self._happenings(source.happenings),
            chart=self._chart(source.chart),
            credentials=self._credentials(source.credentials),
            basis=self._basis,
        )

    def _behaviour(self, source: BehaviourSource) -> Behaviour:
        base = self._base.behaviour
        shares = self._shares(source, (), _SHARES)
        delays = {role: self._delay(role, one) for role, one in source.delays.items()}
        reached = {**base.reach_by, **self._reached(source.reached)}
        phone = reached.get(Channel.PHONE)
        return replace(
            base,
            **shares,
            reach=phone.share if phone is not None else base.reach,
            reach_by=reached,
            delay=delays.pop(OTHER, base.delay),
            delays={**base.delays, **{RoleId(role): delay for role, delay in delays.items()}},
            outcomes={**base.outcomes, **self._outcomes(source.outcomes)},
            work={**base.work, **self._work(source.minutes)},
        )

    def _shares(self, source: object, path: Path, names: tuple[str, ...]) -> dict[str, float]:
        found = {}
        for name in names:
            given: ShareSource | None = getattr(source, name)
            if given is not None:
                self._cite((*path, name), given)
                found[name] = given.percent / 100
        return found

    def _cite(self, path: Path, figure: CitedFigure) -> None:
        """Note who says a figure; a source that the file does not list is an error."""
        words = self._sources.get(figure.source)
        if words is None:
            self._report.add(
                "SM301",
                (*path, "source"),
                f"There is no source '{figure.source[:60]}' in 'sources'.",
                did_you_mean(figure.source, self._sources, "Sources"),
            )
        self._basis[".".join(map(str, path))] = words or figure.source

    def _delay(self, role: str, given: DelaySource) -> timedelta:
        self._cite(("delays", role), given)
        return timedelta(hours=given.hours)

    def _reached(self, given: Mapping[str, ChannelSource]) -> dict[Channel, Reach]:
        found = {}
        for name, one in given.items():
            path = ("reached", name)
            channel = self._word(path, name, Channel, key=True)
            self._cite(path, one)
            hours = self._hours((*path, "hours"), one.hours)
            if channel is not None:
                found[channel] = Reach(one.percent / 100, hours)
        return found

    def _hours(self, path: Path, given: list[HourShareSource]) -> tuple[tuple[int, float], ...]:
        found: dict[int, float] = {}
        for place, one in enumerate(given):
            at = (*path, place, "from")
            minute = read_clock(self._report, at, one.from_)
            if minute is None:
                continue
            if minute in found:
                self._report.add("SM305", at, f"{one.from_} is given twice.", "Keep one of them.")
            found[minute] = one.percent / 100
        return tuple(sorted(found.items()))

    def _outcomes(self, given: Mapping[str, WeightsSource]) -> dict[StepId, Weights]:
        found: dict[StepId, Weights] = {}
        for step, one in given.items():
            path = ("outcomes", step)
            self._cite(path, one)
            if self._has_step(path, step):
                self._look_at_outcomes((*path, "weights"), step, one.weights)
            if not sum(one.weights.values()):
                hint = "Give at least one outcome a weight above 0."
                self._report.add("SM503", (*path, "weights"), "All weights are zero.", hint)
            found[StepId(step)] = {
                OutcomeId(outcome): float(weight) for outcome, weight in one.weights.items()
            }
        return found

    def _work(self, given: Mapping[str, WorkSource]) -> dict[StepId, StepWork]:
        found = {}
        for step, one in given.items():
            self._cite(("minutes", step), one)
            self._has_step(("minutes", step), step)
            mean = None if one.minutes is None else timedelta(minutes=one.minutes)
            spread = None if one.spread is None else one.spread / 100
            found[StepId(step)] = StepWork(mean, spread)
        return found

    def _has_step(self, path: Path, step: str) -> bool:
        """Tell whether the playbook is known and has a step; warn when it has not."""
        if self._plan is None or step in self._plan.by_id:
            return self._plan is not None
        hint = did_you_mean(step, self._plan.by_id, "Steps")
        message = f"The playbook has no step '{step[:40]}'; this is not used."
        self._report.add("SM309", path, message, hint, key=True)
        return False

    def _look_at_outcomes(self, path: Path, step: str, weights: Mapping[str, int]) -> None:
        assert self._plan is not None  # noqa: S101 - asked before
        known = [outcome.id for outcome in self._plan.by_id[StepId(step)].outcomes]
        for outcome in weights:
            if outcome not in known:
                hint = did_you_mean(outcome, known, "Outcomes")
                message = f"'{step}' has no outcome '{outcome[:40]}'; this weight is not used."
                self._report.add("SM309", (*path, outcome), message, hint, key=True)

    def _happenings(self, given: HappeningsSource) -> Happenings:
        rates: dict[str, float] = {}
        for name in _RATES:
            rate: RateSource | None = getattr(given, name)
            if rate is not None:
                self._cite(("happenings", name), rate)
                rates[name] = rate.per_thousand / 1000
        base = self._base.happenings
        stay = base.stay
        if given.stay is not None:
            self._cite(("happenings", "stay"), given.stay)
            stay = timedelta(days=given.stay.days)
        return replace(base, **rates, stay=stay)

    def _chart(self, given: ChartSource) -> Chart:
        return replace(self._base.chart, **self._shares(given, ("chart",), _CHART))

    def _credentials(self, given: Mapping[str, CredentialSource]) -> Mapping[RoleId, Credential]:
        found = dict(self._base.credentials)
        for role, one in given.items():
            path = ("credentials", role)
            self._cite(path, one)
            word = self._word((*path, "credential"), one.credential, Credential)
            if word is not None:
                found[RoleId(role)] = word
        return found

    def _word(self, path: Path, text: str, words: type[Word], *, key: bool = False) -> Word | None:
        try:
            return words(text)
        except ValueError:
            hint = did_you_mean(text, [word.value for word in words])
            self._report.add("SM304", path, f"There is no '{text[:60]}'.", hint, key=key)
            return None
