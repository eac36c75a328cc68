"""Alerts in the database: given on in time, shown, mailed, acknowledged; each once."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.alert_raising import AlertRaiser
from ccm_flow.adapters.db.alert_sides import Sides
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.keep_alerts import alert_of, events_of, keep, lock
from ccm_flow.adapters.db.tables import (
    AlertEventRow,
    AlertRow,
    AlertStateRow,
    ClinicRow,
    PersonRow,
)
from ccm_flow.app.alerts import (
    MOST_TRIES,
    AlertOverError,
    Mailing,
    NoSuchAlertError,
    NotYoursToTakeError,
)
from ccm_flow.core.alerts import AlertAct, AlertEvent, move_on, organization_of, standing
from ccm_flow.core.ids import ClinicId, PersonId

_LEASE: Final = timedelta(minutes=10)
"""After so long without news of it, an e-mail that was on its way is sent again."""
_BETWEEN: Final = timedelta(minutes=5)
"""After a refusal of the mail server, before it is asked again."""
_AT_ONCE: Final = 200


class SqlAlerts:
    """Implements `ccm_flow.app.alerts.AlertStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def raise_new(self) -> int:
        """Raise what the ledger holds since."""
        return AlertRaiser(self._engine).raise_new()

    def move_on_due(self, now: datetime) -> int:
        """Give on, once each, what nobody acknowledged in time."""
        query = (
            select(AlertStateRow.alert_id)
            .where(col(AlertStateRow.look_again_at) <= now)
            .order_by(col(AlertStateRow.look_again_at), col(AlertStateRow.alert_id))
            .limit(_AT_ONCE)
        )
        with reading(self._engine) as session:
            due = session.exec(query).all()
        return sum(self._move_on(alert, now) for alert in due)

    def _move_on(self, id_: str, now: datetime) -> bool:
        with writing(self._engine) as session:
            row = _locked(session, id_)
            sides = Sides(session, row.clinic_id, now)
            organization = row.to_organization_id
            event = move_on(
                alert_of(row),
                events_of(session, id_),
                sides.rule(organization),
                sides.around(organization),
            )
            if event is not None:
                keep(session, row, event)
            return event is not None

    def acknowledge(
        self, id_: str, by: PersonId, now: datetime, *, spoke_with: str = ""
    ) -> AlertEvent:
        """
        Keep that somebody has seen it and takes it; the first who does counts.

        Raises:
            NoSuchAlertError: there is none.
            NotYoursToTakeError: the person works for the organization that sent it.
            AlertOverError: it is over.
        """
        with writing(self._engine) as session:
            row = _locked(session, id_)
            stands = standing(events_of(session, id_))
            if stands.acknowledged is not None:
                return stands.acknowledged
            if stands.ended is not None:
                said = "answered" if stands.ended.act is AlertAct.ANSWERED else "its step is over"
                raise AlertOverError(said)
            sides = Sides(session, row.clinic_id, now)
            theirs = organization_of(sides.pool, by, sides.around(row.to_organization_id))
            called = bool(stands.phone and spoke_with)
            if theirs != row.to_organization_id and not called:
                names = sides.pool.organizations
                name = names.get(row.to_organization_id, row.to_organization_id)
                raise NotYoursToTakeError(name, by_phone=bool(stands.phone))
            because = f"called {stands.phone}, {spoke_with} takes it" if called else ""
            event = AlertEvent(AlertAct.ACKNOWLEDGED, now, by, because)
            keep(session, row, event)
            return event

    def is_receiver(self, id_: str, person: PersonId, now: datetime) -> bool:
        """Tell whether a person works for the organization that an alert is for."""
        with reading(self._engine) as session:
            row = session.get(AlertRow, id_)
            if row is None:
                return False
            sides = Sides(session, row.clinic_id, now)
            around = sides.around(row.to_organization_id)
            return organization_of(sides.pool, person, around) == row.to_organization_id

    def note_shown(self, alerts: Collection[str], to: PersonId, now: datetime) -> None:
        """Keep that alerts were shown to somebody who has or had them; once for each."""
        for id_ in self._unseen(alerts, to):
            with writing(self._engine) as session:
                row = _locked(session, id_)
                events = events_of(session, id_)
                if not any(one.act is AlertAct.SHOWN and one.person == to for one in events):
                    keep(session, row, AlertEvent(AlertAct.SHOWN, now, to))

    def _unseen(self, alerts: Collection[str], to: PersonId) -> Sequence[str]:
        """Choose those that a person was given and not yet shown; one query."""
        if not alerts:
            return ()
        query = select(AlertEventRow.alert_id, AlertEventRow.act).where(
            col(AlertEventRow.alert_id).in_(alerts),
            AlertEventRow.person_id == to,
            col(AlertEventRow.act).in_((AlertAct.GIVEN, AlertAct.SHOWN)),
        )
        with reading(self._engine) as session:
            rows = session.exec(query).all()
        shown = {alert for alert, act in rows if act is AlertAct.SHOWN}
        return sorted({alert for alert, _ in rows} - shown)

    def clinic_of(self, id_: str) -> ClinicId:
        """Name the clinic of an alert; raises `NoSuchAlertError`."""
        with reading(self._engine) as session:
            row = session.get(AlertRow, id_)
            if row is None:
                raise NoSuchAlertError(id_)
            return row.clinic_id

    def take_mailings(self, now: datetime) -> Sequence[Mailing]:
        """Take e-mails that are due; each is noted as on its way before it is given."""
        query = select(AlertStateRow.alert_id).where(col(AlertStateRow.mail_at) <= now)
        with reading(self._engine) as session:
            due = session.exec(query.order_by(col(AlertStateRow.mail_at)).limit(_AT_ONCE)).all()
        taken = (self._take_mailing(alert, now) for alert in due)
        return [one for one in taken if one is not None]

    def _take_mailing(self, id_: str, now: datetime) -> Mailing | None:
        with writing(self._engine) as session:
            row = _locked(session, id_)
            state = session.get_one(AlertStateRow, id_, populate_existing=True)
            if state.mail_at is None or state.mail_at > now or state.holder_id is None:
                return None
            person = session.get_one(PersonRow, state.holder_id)
            if not person.email or state.mail_tries >= MOST_TRIES:
                state.mail_at = None
                return None
            keep(session, row, AlertEvent(AlertAct.MAILING, now, person.id))
            state.mail_at, state.mail_tries = now + _LEASE, state.mail_tries + 1
            clinic = session.get_one(ClinicRow, row.clinic_id)
            return Mailing(id_, state.mail_tries, person.id, person.name, person.email, clinic.name)

    def note_mailing(self, mailing: Mailing, now: datetime, refused: str) -> None:
        """Keep what came of an e-mail; the person may have changed meanwhile."""
        with writing(self._engine) as session:
            row = _locked(session, mailing.alert)
            act = AlertAct.MAIL_REFUSED if refused else AlertAct.MAILED
            keep(session, row, AlertEvent(act, now, mailing.person, refused))
            state = session.get_one(AlertStateRow, mailing.alert)
            if state.holder_id != mailing.person or state.mail_at is None:
                return
            again = bool(refused) and mailing.number < MOST_TRIES
            state.mail_at = now + _BETWEEN if again else None


def _locked(session: Session, id_: str) -> AlertRow:
    row = session.get(AlertRow, id_)
    if row is None:
        raise NoSuchAlertError(id_)
    lock(session, row.enrollment_id)
    return row
