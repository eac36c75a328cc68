"""
Wiring: the only place that reads the environment and the clock, and builds adapters.

Every part can be replaced by keyword, for tests and for the demo. Temporal is loaded only where
a running cycle is needed: reading the record must be quick.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine
from sqlmodel import Session

from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import open_database, with_password, with_rules_of, writing
from ccm_flow.adapters.db.revision import is_in_step
from ccm_flow.adapters.db.shield import Shield, shielded_by
from ccm_flow.adapters.db.tables import SettingRow
from ccm_flow.adapters.keys import Key, read_keys
from ccm_flow.adapters.mail import MailSettings, SmtpPost
from ccm_flow.adapters.processes.settings import ServerSettings
from ccm_flow.adapters.secret_files import with_secrets
from ccm_flow.adapters.sign_on_settings import SignOnSettings
from ccm_flow.adapters.telemetry.settings import TelemetrySettings
from ccm_flow.adapters.telemetry.wiring import tracing
from ccm_flow.app.act import Desk
from ccm_flow.app.flow import Clock
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId

if TYPE_CHECKING:
    from temporalio.client import Client
    from temporalio.runtime import Runtime

    from ccm_flow.adapters.db.review_store import SqlReviews
    from ccm_flow.adapters.sealing import Sealer
    from ccm_flow.app.care import ClinicView
    from ccm_flow.app.hand_off import HandOff
    from ccm_flow.app.happen import Outside
    from ccm_flow.app.readiness import Place, ReadinessReport
    from ccm_flow.app.scorecard import Scorecard
    from ccm_flow.core.month import Month

PATIENCE: Final = timedelta(seconds=30)
_DEMO_OFFSET: Final = "demo_clock_offset_seconds"


@dataclass(frozen=True)
class Settings:
    """One set-up: where its state lives and which services it uses."""

    server: ServerSettings
    database_url: str
    key_file: Path
    """Holds the key that payloads are encrypted with."""
    demo: bool = False
    """The clock of this set-up may be moved."""
    sealed_fields: bool = False
    """What identifies a patient is encrypted in the database."""
    private_webhooks: bool = False
    """Webhooks may go to plain http and to addresses inside the network."""
    public_url: str = ""
    """Where people reach the web application, without a slash at its end."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses and networks, with commas between, whose word on who asks is taken."""
    prepared: bool = False
    """`ccm prepare` alone changes the form of the database; other programs wait for it."""
    mail: MailSettings | None = None
    sign_on: SignOnSettings | None = None
    telemetry: TelemetrySettings = field(default_factory=TelemetrySettings)

    @property
    def home(self) -> Path:
        """The folder of this set-up."""
        return self.server.home

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """
        Read CCM_HOME, CCM_DATABASE_URL, CCM_KEY_FILE, CCM_PUBLIC_URL and the settings of others.

        Raises:
            SecretFileError: a secret is to come from a file, and does not.
            DatabaseUrlError: there is a password for a database that takes none.
            MailSettingsError, SignOnSettingsError, TelemetrySettingsError: what they are named
                after is set up wrongly.
        """
        server = ServerSettings.from_environ(os.environ if environ is None else environ)
        environ = with_secrets(server.environ)
        default_url = f"sqlite:///{server.home / 'ccm.db'}"
        return cls(
            server=server,
            database_url=with_password(
                environ.get("CCM_DATABASE_URL") or default_url,
                environ.get("CCM_DATABASE_PASSWORD", ""),
            ),
            key_file=Path(environ.get("CCM_KEY_FILE") or server.home / "payload.key"),
            demo=(server.home / "demo").exists(),
            sealed_fields=_sealed_fields(environ),
            private_webhooks=environ.get("CCM_PRIVATE_WEBHOOKS") == "allow",
            public_url=environ.get("CCM_PUBLIC_URL", "").rstrip("/"),
            trusted_proxies=environ.get("CCM_TRUSTED_PROXIES") or "127.0.0.1",
            prepared=environ.get("CCM_PREPARED") == "yes",
            mail=MailSettings.from_environ(environ),
            sign_on=SignOnSettings.from_environ(environ),
            telemetry=TelemetrySettings.from_environ(environ),
        )


class SealedFieldsSettingError(CcmError):
    """The setting that encrypts fields is not one."""

    exit_code = 2
    hint = "Set CCM_SEALED_FIELDS=on, or leave it out."


def _sealed_fields(environ: Mapping[str, str]) -> bool:
    value = environ.get("CCM_SEALED_FIELDS", "")
    if value not in {"", "off", "on"}:
        raise SealedFieldsSettingError("CCM_SEALED_FIELDS has to be on or off.")
    return value == "on"


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the present instant."""
        return datetime.now(UTC)


class DemoClock:
    """The machine's clock plus an offset that the whole demo set-up shares."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def offset(self) -> timedelta:
        """How far ahead the demo is."""
        with Session(self._engine) as session:
            row = session.get(SettingRow, _DEMO_OFFSET)
            return timedelta(seconds=float(row.value)) if row else timedelta(0)

    def now(self) -> datetime:
        """Give the demo's present instant."""
        return datetime.now(UTC) + self.offset

    def move_to(self, instant: datetime) -> None:
        """Make it `instant` now; a clock never goes back."""
        ahead = max(self.offset, instant - datetime.now(UTC))
        with writing(self._engine) as session:
            session.merge(SettingRow(key=_DEMO_OFFSET, value=str(ahead.total_seconds())))


@dataclass(frozen=True)
class Base:
    """What works without a Temporal server."""

    settings: Settings
    engine: Engine
    record: SqlCareRecord
    clock: Clock


def open_base(settings: Settings, *, clock: Clock | None = None) -> Base:
    """
    Open the database, bringing its tables up to date (unless that is `ccm prepare`'s alone).

    Raises:
        DatabaseOutOfStepError: `ccm prepare` has to come first.
        DatabaseUrlError, DatabaseUnavailableError: it cannot be opened.
    """
    engine = with_rules_of(open_database(settings.database_url), settings.home)
    shielded_by(engine, Shield(lambda: read_keys(settings.key_file), seals=settings.sealed_fields))
    if not is_in_step(engine):
        from ccm_flow.adapters.db import migrate  # noqa: PLC0415 - rarely needed, slow

        if settings.prepared:
            migrate.check_in_step(engine)
        migrate.upgrade(engine)
    chosen: Clock = DemoClock(engine) if settings.demo else SystemClock()
    return Base(settings, engine, SqlCareRecord(engine), clock or chosen)


def sealer(settings: Settings) -> "Sealer":
    """Give what seals the secrets of connections with the set-up's key."""
    from ccm_flow.adapters.sealing import Sealer  # noqa: PLC0415 - loads slowly

    return Sealer([key for _, key in read_keys(settings.key_file)])


async def connect_client(
    settings: Settings, address: str, runtime: "Runtime | None" = None
) -> "Client":
    """
    Connect to the set-up's Temporal server.

    Raises:
        FlowUnavailableError: it does not answer.
    """
    from ccm_flow.adapters.temporal.codec import data_converter  # noqa: PLC0415 - see above
    from ccm_flow.adapters.temporal.connect import connect  # noqa: PLC0415

    def keys() -> Sequence[Key]:
        return read_keys(settings.key_file)

    server = settings.server
    return await connect(
        address,
        server.namespace,
        data_converter(keys(), keys),
        patience=PATIENCE,
        environ=server.environ,
        interceptors=tracing(settings.telemetry),
        runtime=runtime,
    )


def desk(base: Base, client: "Client") -> Desk:
    """Put together what the use cases work with."""
    from ccm_flow.adapters.temporal.flow import TemporalFlow  # noqa: PLC0415 - see above

    return Desk(base.record, TemporalFlow(client), base.clock)


def hand_off(base: Base, clinic: ClinicId) -> "HandOff":
    """Put together what closing a clinic's months and handing them over work with."""
    from ccm_flow.adapters.billing_rules import ShelfRules  # noqa: PLC0415 - rarely needed
    from ccm_flow.adapters.db.billing_store import SqlBillingStore  # noqa: PLC0415
    from ccm_flow.adapters.db.packet_store import SqlPacketRecord  # noqa: PLC0415
    from ccm_flow.adapters.db.views_staff import staff_of  # noqa: PLC0415
    from ccm_flow.app.hand_off import HandOff  # noqa: PLC0415

    names: dict[str, str] = {one.person: one.name for one in staff_of(base.engine, clinic)}
    return HandOff(
        store=SqlBillingStore(base.engine),
        rules=ShelfRules(base.settings.home),
        record=SqlPacketRecord(base.engine),
        name_of=lambda person: names.get(person, person),
        demo=base.settings.demo,
    )


def readiness_of(base: Base, clinic: "ClinicView", month: "Month") -> "ReadinessReport":
    """Look at a clinic's month: what stops each patient now, and the minutes at risk."""
    from ccm_flow.adapters.db.month_record import SqlMonthRecord  # noqa: PLC0415 - loads slowly
    from ccm_flow.app.readiness import look_at_month  # noqa: PLC0415

    place = month_place(clinic, month)
    return look_at_month(SqlMonthRecord(base.engine), place, month, base.clock.now())


def month_place(clinic: "ClinicView", month: "Month") -> "Place":
    """Give a clinic with its calendar for a month, as readiness looks at it."""
    from ccm_flow.adapters.calendars import month_calendar  # noqa: PLC0415 - loads slowly
    from ccm_flow.app.readiness import Place  # noqa: PLC0415
    from ccm_flow.core.plan import PlaybookKind  # noqa: PLC0415

    calendar = month_calendar(clinic.hours, month, PlaybookKind.MONTHLY)
    return Place(clinic.clinic, clinic.name, clinic.hours.time_zone, calendar)


def reviews(base: Base) -> "SqlReviews":
    """Put together what the readiness review works with."""
    from ccm_flow.adapters.db.review_store import SqlReviews  # noqa: PLC0415 - rarely needed
    from ccm_flow.adapters.shipped import shipped  # noqa: PLC0415
    from ccm_flow.adapters.templates import load_templates  # noqa: PLC0415

    return SqlReviews(base.engine, load_templates(shipped("templates")))


def outside(base: Base, work: Desk) -> "Outside":
    """Put together what is needed to act on what happens outside the playbook."""
    from ccm_flow.adapters.calendars import month_calendar  # noqa: PLC0415 - loads slowly
    from ccm_flow.adapters.db.happening_store import SqlHappenings  # noqa: PLC0415
    from ccm_flow.app.happen import Outside  # noqa: PLC0415

    return Outside(work, SqlHappenings(base.engine), month_calendar)


def answer_due_forecasts(base: Base) -> int:
    """Lay forecasts of changed playbooks beside their first months, those that are over now."""
    from ccm_flow.adapters.db.answer_store import SqlAnswers  # noqa: PLC0415 - rarely needed
    from ccm_flow.adapters.processes.replays import SqlRecordedClinic  # noqa: PLC0415
    from ccm_flow.app.answers import answer_forecasts  # noqa: PLC0415

    return answer_forecasts(SqlAnswers(base.engine), SqlRecordedClinic(base.engine), base.clock)


def send_due_digests(base: Base) -> int:
    """Send the digests of clinics that have closed; nothing where no e-mail is set up."""
    if base.settings.mail is None or not base.settings.public_url:
        return 0
    from ccm_flow.adapters.db.digest_store import SqlDigests  # noqa: PLC0415 - rarely needed
    from ccm_flow.app.digests import send_digests  # noqa: PLC0415

    link = f"{base.settings.public_url}/digest"
    post = SmtpPost(base.settings.mail)
    return send_digests(SqlDigests(base.engine), post, link, base.clock.now())


def send_alert_mails(base: Base) -> int:
    """Send the e-mails about alerts that are due; nothing where no e-mail is set up."""
    if base.settings.mail is None or not base.settings.public_url:
        return 0
    from ccm_flow.adapters.db.alert_store import SqlAlerts  # noqa: PLC0415 - rarely needed
    from ccm_flow.app.alerts import mail_alerts  # noqa: PLC0415

    post, link = SmtpPost(base.settings.mail), f"{base.settings.public_url}/alerts"
    return mail_alerts(SqlAlerts(base.engine), post, link, base.clock.now())


def send_due_letters(base: Base) -> int:
    """Send last month's scorecards to those who asked; nothing where no e-mail is set up."""
    if base.settings.mail is None or not base.settings.public_url:
        return 0
    from ccm_flow.adapters.db.letter_store import SqlLetters  # noqa: PLC0415 - rarely needed
    from ccm_flow.adapters.db.views_scorecard import scorecard  # noqa: PLC0415
    from ccm_flow.app.letters import send_letters  # noqa: PLC0415

    now = base.clock.now()

    def card_of(clinic: ClinicId, month: "Month") -> "Scorecard":
        return scorecard(base.engine, clinic, month, now)

    post = SmtpPost(base.settings.mail)
    return send_letters(SqlLetters(base.engine), post, base.settings.public_url, card_of, now)
