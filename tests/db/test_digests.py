"""A digest goes out once a person and day, after closing, and tells nothing about a patient."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from sqlalchemy import Engine

from ccm_flow.adapters.db.digest_store import SqlDigests
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.message_store import mark_read, messages
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import PersonRow
from ccm_flow.adapters.db.views_timer import page_head
from ccm_flow.adapters.mail import MailSettings, MailSettingsError, SmtpPost
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.digests import MOST_TRIES, send_digests
from ccm_flow.app.mail import Letter, MailError
from ccm_flow.core.ids import ClinicId, PersonId
from tests.web.conftest import CLINIC
from tests.web.records import Records, add_message, make_records

MARIA = PersonId("elm.maria")
CLOSED = datetime(2026, 12, 1, 22, 30, tzinfo=UTC)
"""Half past five in New York, on a Tuesday."""
LINK = "https://ccm.test/digest"


@dataclass
class Catcher:
    """A mail server that keeps what it gets, or refuses."""

    port: int = 0
    refuses: bool = False
    letters: list[str] = field(default_factory=list)


@contextmanager
def catching() -> Iterator[Catcher]:
    """Run a mail server on this machine."""
    catcher = Catcher()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 here")
            for line in iter(self.rfile.readline, b""):
                word = line[:4].upper().strip()
                if word == b"DATA":
                    self._say("354 go on")
                    lines = iter(self.rfile.readline, b".\r\n")
                    catcher.letters.append(b"".join(lines).decode())
                if word == b"MAIL" and catcher.refuses:
                    self._say("451 not now")
                else:
                    self._say("221 bye" if word == b"QUIT" else "250 fine")
                if word == b"QUIT":
                    return

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        catcher.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield catcher
        server.shutdown()
        thread.join()


def post_to(catcher: Catcher) -> SmtpPost:
    url = f"smtp://127.0.0.1:{catcher.port}"
    settings = MailSettings.from_environ({"CCM_SMTP_URL": url, "CCM_SMTP_FROM": "ccm@elm.test"})
    assert settings is not None
    return SmtpPost(settings)


@pytest.fixture
def records(engine: Engine) -> Records:
    file = ClinicFile.model_validate(yaml.safe_load(CLINIC.format(id="elm")))
    SqlClinicStore(engine).apply(file, CLOSED)
    with writing(engine) as session:
        for person in ("maria", "nat"):
            session.get_one(PersonRow, PersonId(f"elm.{person}")).email = f"{person}@elm.test"
    return make_records(engine, "elm")


def test_each_person_gets_one_digest_a_day_after_closing(engine: Engine, records: Records) -> None:
    store = SqlDigests(engine)
    with catching() as catcher:
        post = post_to(catcher)
        assert send_digests(store, post, LINK, CLOSED - timedelta(hours=1)) == 0
        assert send_digests(store, post, LINK, CLOSED) == 1  # Nat has nothing open
        assert send_digests(store, post, LINK, CLOSED + timedelta(minutes=1)) == 0
        assert send_digests(store, post, LINK, CLOSED + timedelta(days=1)) == 1
        assert send_digests(store, post, LINK, datetime(2026, 12, 5, 23, tzinfo=UTC)) == 0
    assert len(catcher.letters) == 2
    letter = catcher.letters[0]
    assert LINK in letter
    assert "1  open altogether" in letter
    assert not records.secrets_in(letter)
    assert records.enrollment not in letter


def test_a_refused_digest_is_tried_again_a_few_times(engine: Engine, records: Records) -> None:
    store, now = SqlDigests(engine), CLOSED
    with catching() as catcher:
        catcher.refuses = True
        for _ in range(MOST_TRIES + 2):
            assert send_digests(store, post_to(catcher), LINK, now) == 0
            now += timedelta(minutes=10)
        catcher.refuses = False
        assert send_digests(store, post_to(catcher), LINK, now) == 0
        catcher.refuses, now = True, CLOSED + timedelta(days=1)
        assert send_digests(store, post_to(catcher), LINK, now) == 0
        catcher.refuses = False
        assert send_digests(store, post_to(catcher), LINK, now + timedelta(minutes=9)) == 0
        assert send_digests(store, post_to(catcher), LINK, now + timedelta(minutes=10)) == 1


def test_of_two_workers_one_sends(engine: Engine, records: Records) -> None:
    store, day = SqlDigests(engine), CLOSED.date()
    assert store.claim(records.clinic, MARIA, day, CLOSED)
    assert not store.claim(records.clinic, MARIA, day, CLOSED + timedelta(hours=1))


def test_a_mail_server_that_is_away_is_a_sentence() -> None:
    with catching() as catcher:
        port = post_to(catcher)
    with pytest.raises(MailError, match="not sent"):
        port.send(Letter("maria@elm.test", "a", "b"))


@pytest.mark.parametrize(
    "environ",
    [
        {"CCM_SMTP_URL": "http://mail.test", "CCM_SMTP_FROM": "a@b.test"},
        {"CCM_SMTP_URL": "smtp://mail.test:x", "CCM_SMTP_FROM": "a@b.test"},
        {"CCM_SMTP_URL": "smtp://mail.test"},
    ],
)
def test_mail_settings_are_read_strictly(environ: dict[str, str]) -> None:
    with pytest.raises(MailSettingsError):
        MailSettings.from_environ(environ)


def test_messages_are_new_until_their_own_reader_has_read_them(
    engine: Engine, records: Records
) -> None:
    clinics = (records.clinic,)
    before = messages(engine, MARIA, clinics, start=0, new_only=False)
    for line in before:
        mark_read(engine, MARIA, CLOSED, until=line.sent_at)
    first = add_message(engine, records, MARIA, number=1)
    add_message(engine, records, MARIA, number=2)
    shown = messages(engine, MARIA, clinics, start=0, new_only=True)
    assert [line.still_open for line in shown] == [True, True]
    mark_read(engine, PersonId("elm.nat"), CLOSED, message=first)
    assert page_head(engine, MARIA, clinics, CLOSED).unread == 2
    mark_read(engine, MARIA, CLOSED, message=first)
    assert page_head(engine, MARIA, clinics, CLOSED).unread == 1
    add_message(engine, records, MARIA, number=3)
    mark_read(engine, MARIA, CLOSED, until=shown[0].sent_at)
    assert page_head(engine, MARIA, clinics, CLOSED).unread == 1
    assert page_head(engine, MARIA, (ClinicId("oak"),), CLOSED).unread == 0
    assert len(messages(engine, MARIA, clinics, start=0, new_only=False)) == len(before) + 3
