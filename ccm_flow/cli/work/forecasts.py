"""What was forecast beside what happened, and going back."""

from collections.abc import Sequence
from dataclasses import dataclass

import typer

from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.forecast_store import SqlForecasts
from ccm_flow.adapters.db.views_playbooks import Span, shelf
from ccm_flow.adapters.playbook_library import PlaybookLibrary
from ccm_flow.adapters.processes.replays import SqlRecordedClinic
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.templates import load_templates
from ccm_flow.app.drafts import NoSuchVersionError
from ccm_flow.app.forecasts import ForecastResult, NoForecastError, compare_forecast
from ccm_flow.app.publish_playbook import DraftDesk
from ccm_flow.app.roll_back import InUse, NothingToGoBackToError, Wish, roll_back
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, choose_person, month_at, open_set_up
from ccm_flow.cli.work.tables import LATE, Listing
from ccm_flow.core.ids import ClinicId, PlaybookId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.rehearsal.words import amount, wording


@dataclass(frozen=True, slots=True)
class Back:
    """What was typed."""

    playbook: str
    from_month: str
    by: str
    because: str
    clinic: str | None


def compare(playbook: str, month: str | None, clinic: str | None, *, as_json: bool) -> None:
    """Compare; exit code 1 where something came out otherwise, or months still run."""
    base = open_set_up()
    view = choose_clinic(base, clinic)
    span = spans_of(base, view.clinic, playbook)[0]
    forecast = SqlForecasts(base.engine).published_on(view.clinic, span.version.sha256)
    if forecast is None:
        raise NoForecastError(f"{span.version.playbook}@{span.version.version}")
    wanted = Month.parse(month) if month else span.first
    result = compare_forecast(SqlRecordedClinic(base.engine), forecast, wanted, span.kind)
    if as_json:
        emit(result)
    else:
        _show(result, f"{span.version.playbook}@{span.version.version}", span.kind)
    if result.still_open or any(one.is_inside is False for one in result.lines):
        raise typer.Exit(1)


def rollback(back: Back, *, as_json: bool) -> None:
    """Go back to a version."""
    base = open_set_up()
    view = choose_clinic(base, back.clinic)
    person = choose_person(base, view.clinic, back.by)
    span = spans_of(base, view.clinic, back.playbook.partition("@")[0])[0]
    used = shelf(base.engine, view.clinic).used(span.kind)
    library = PlaybookLibrary(base.engine, load_templates(shipped("templates")))
    done = roll_back(
        DraftDesk(SqlDrafts(base.engine), library, base.clock),
        view.clinic,
        used,
        _wish(back, used, span.version.playbook),
        running=month_at(view, base.clock.now()),
        by=person.person,
    )
    if as_json:
        emit(done)
        return
    if done.instead_of is None:
        say(
            f"{done.playbook} version {done.version} is used {done.months} already. Nothing was "
            "changed."
        )
        return
    say(
        f"{done.playbook} version {done.version} is used again {done.months}, instead of version "
        f"{done.instead_of}."
    )


def _wish(back: Back, used: Sequence[InUse], playbook: PlaybookId) -> Wish:
    number = _version(back.playbook)
    known = {one.version: one.sha256 for one in used if one.playbook == playbook}
    if number is not None and number not in known:
        raise NothingToGoBackToError(f"Version {number} of {playbook} is used in no month here.")
    to = known[number] if number is not None else None
    return Wish(playbook, Month.parse(back.from_month), back.because, to=to)


def _version(playbook: str) -> int | None:
    _, mark, number = playbook.partition("@")
    if not mark:
        return None
    if not number.isdigit():
        raise NoSuchVersionError
    return int(number)


def spans_of(base: Base, clinic: ClinicId, playbook: str) -> list[Span]:
    """
    Give when a clinic uses a playbook, or one version of it, the newest first.

    Raises:
        NoSuchVersionError: it never used it.
    """
    id_, version = playbook.partition("@")[0], _version(playbook)
    found = [
        one
        for one in shelf(base.engine, clinic).spans
        if one.version.playbook == id_ and version in (None, one.version.version)
    ]
    if not found:
        raise NoSuchVersionError
    return sorted(found, key=lambda one: one.first, reverse=True)


def _show(result: ForecastResult, version: str, kind: PlaybookKind) -> None:
    forecast = result.forecast
    words = wording(kind)
    before = words.counted(forecast.patients, str(forecast.against))
    now = words.counted(result.patients, str(result.month))
    say(f"{version}: forecast from {before}, beside {now}.")
    if result.still_open:
        say(f"{result.still_open} still run: the figures are not complete.")
    if result.left_out:
        say(f"{result.left_out} that changed their version while they ran are left out.")
    if result.is_thin:
        say("These are too few to judge by.")
    say()
    columns = ("Figure", str(forecast.against), "Forecast", "Between", str(result.month), "")
    table = Listing(*columns, numbers=columns[1:5])
    for one in result.lines:
        metric = one.metric
        between = "-"
        if one.low is not None and one.high is not None:
            between = f"{amount(metric, one.low)} and {amount(metric, one.high)}"
        found = {True: "as forecast", False: "otherwise", None: ""}[one.is_inside]
        table.add(
            words.titles[metric],
            amount(metric, one.before),
            amount(metric, one.forecast),
            between,
            amount(metric, one.actual),
            found,
            style=LATE if one.is_inside is False else "",
        )
    table.print()
