"""The way of a change, from a draft to the month that proves it, and where one draft stands."""

from dataclasses import dataclass
from enum import StrEnum

from ccm_flow.adapters.db.answer_store import SqlAnswers
from ccm_flow.adapters.db.forecast_store import SqlForecasts
from ccm_flow.app.drafts import Draft
from ccm_flow.app.forecasts import Forecast
from ccm_flow.core.drafts import DraftState
from ccm_flow.core.month import Month
from ccm_flow.language.overlay import Resolved
from ccm_flow.proof import Proof
from ccm_flow.rehearsal.comparing import Effect
from ccm_flow.web.visit import Visit
from ccm_flow.web.words import month_name


class Standing(StrEnum):
    """How one part of the way stands."""

    DONE = "done"
    NOW = "now"
    """It can be done, or is waited for."""
    WRONG = "wrong"
    """Something has to be put right."""
    AHEAD = "ahead"


@dataclass(frozen=True)
class Part:
    """One part of the way."""

    title: str
    standing: Standing
    said: str
    address: str = ""
    """Where it is done or seen."""


def path_of(
    visit: Visit, draft: Draft, found: Resolved, running: Month, proof: Proof | None = None
) -> tuple[Part, ...]:
    """Say where a draft stands; `proof` is one that was made just now."""
    here = f"/playbooks/drafts/{draft.id}"
    good = found.plan is not None
    forecast = _forecast(visit, draft, found)
    return (
        Part("Draft", Standing.DONE, f"text {draft.revision}", here),
        _check(found),
        _prove(found, proof, f"{here}/review#try"),
        _rehearse(here, forecast, good=good),
        _approve(draft, good=good),
        *_live(visit, draft, running),
    )


def _forecast(visit: Visit, draft: Draft, found: Resolved) -> Forecast | None:
    if found.plan is None:
        return None
    known = SqlForecasts(visit.parts.base.engine)
    if draft.state is DraftState.PUBLISHED:
        return known.published_on(draft.clinic, found.plan.sha256)
    return known.newest(draft.clinic, found.plan.sha256)


def _check(found: Resolved) -> Part:
    errors, warnings = len(found.errors), len(found.warnings)
    if errors:
        return Part("Check", Standing.WRONG, f"{errors} error{'s' if errors > 1 else ''}")
    said = f"good, {warnings} warning{'s' if warnings > 1 else ''}" if warnings else "good"
    return Part("Check", Standing.DONE, said)


def _prove(found: Resolved, proof: Proof | None, address: str) -> Part:
    if found.plan is None:
        return Part("Prove", Standing.AHEAD, "after the check")
    if proof is None:
        return Part("Prove", Standing.NOW, "every course it can take", address)
    if proof.found:
        return Part("Prove", Standing.WRONG, f"{len(proof.found)} to put right", address)
    if proof.stopped:
        return Part("Prove", Standing.NOW, "nothing found, not finished", address)
    return Part("Prove", Standing.DONE, "proved just now", address)


def _rehearse(here: str, forecast: Forecast | None, *, good: bool) -> Part:
    if not good:
        return Part("Rehearse", Standing.AHEAD, "after the check")
    if forecast is None:
        return Part("Rehearse", Standing.NOW, "on a month that is over", f"{here}/rehearse")
    lost = forecast.figures.get("effects", {}).get(Effect.LOST.value, 0)
    said = f"on {month_name(forecast.against)}" + (f", {lost} lost" if lost else "")
    address = f"{here}/rehearsals/{forecast.id}" if forecast.draft else f"{here}/rehearse"
    return Part("Rehearse", Standing.DONE, said, address)


def _approve(draft: Draft, *, good: bool) -> Part:
    match draft.state:
        case DraftState.APPROVED | DraftState.PUBLISHED:
            return Part("Approve", Standing.DONE, "by a second person")
        case DraftState.WAITING:
            return Part("Approve", Standing.NOW, "waits for a second person")
        case DraftState.WRITING:
            standing = Standing.NOW if good else Standing.AHEAD
            return Part("Approve", standing, "by a second person")
        case DraftState.PUT_AWAY:
            return Part("Approve", Standing.AHEAD, "put away")


def _live(visit: Visit, draft: Draft, running: Month) -> tuple[Part, ...]:
    last = draft.last
    if draft.state is not DraftState.PUBLISHED or last is None or last.month is None:
        now = Standing.NOW if draft.state is DraftState.APPROVED else Standing.AHEAD
        return (
            Part("Go live", now, "from a month on"),
            Part("Move running months", Standing.AHEAD, "if they should not wait"),
            Part("Compare", Standing.AHEAD, "when that month is over"),
            Part("Roll back", Standing.AHEAD, "possible from any month on"),
        )
    version = f"/playbooks/versions/{last.sha256}"
    over = last.month < running
    begun = last.month <= running
    live = "since" if begun else "from"
    return (
        Part("Go live", Standing.DONE, f"{live} {month_name(last.month)}", version),
        Part("Move running months", Standing.NOW, "if they should not wait", f"{version}#running"),
        _compare(visit, draft, last.sha256, over=over),
        Part("Roll back", Standing.NOW, "if it did not help", f"{version}#back"),
    )


def _compare(visit: Visit, draft: Draft, sha256: str, *, over: bool) -> Part:
    address = f"/playbooks/versions/{sha256}/compared"
    answer = SqlAnswers(visit.parts.base.engine).of(draft.clinic, sha256)
    if answer is not None:
        said = f"{answer.otherwise} otherwise than forecast" if answer.otherwise else "as forecast"
        return Part("Compare", Standing.DONE, f"{month_name(answer.result.month)}: {said}", address)
    if over:
        return Part("Compare", Standing.NOW, "forecast beside what happened", address)
    return Part("Compare", Standing.AHEAD, "when the month is over")
