"""The API: a token is one person at one clinic, and what is sent twice counts once."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select, update

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.tables import (
    AccessLogRow,
    ApiTokenRow,
    ClickRow,
    HappeningRow,
    LedgerEventRow,
    NoteRow,
    PersonRow,
    StaffRoleRow,
    TimeEntryRow,
)
from ccm_flow.app.api_tokens import TokenRefusedError
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.scopes import Scope
from ccm_flow.core.webhooks import sign
from ccm_flow.web.api.app import ROUTERS, scopes_of
from ccm_flow.web.api.caller import RATE
from tests.support.set_up import CLINIC, MONTH
from tests.web.api_site import ANN, LEE, OF_ANN, PAT, Api

DONE = {"outcome": "prepared", "seconds": 300, "note": "Reviewed.", "fields": {"changes": "None."}}


def test_the_queue_comes_in_parts_and_a_step_alone(api: Api) -> None:
    ann = api.of(ANN)
    whole = ann.get("queue").json()
    assert whole["total"] == len(whole["items"]) > 0
    first = ann.get("queue", params={"limit": 1}).json()
    assert first["items"] == whole["items"][:1]
    assert first["next_offset"] == (1 if whole["total"] > 1 else None)
    step = whole["items"][0]
    alone = ann.get(f"steps/{step['cycle']}/{step['key']}").json()
    assert (alone["status"], alone["enrollment"]) == ("open", api.enrollment)
    assert alone["outcomes"] == step["outcomes"]


def test_completing_is_the_persons_own_act_and_leaves_signing_to_them(api: Api) -> None:
    answer = api.post(api.of(ANN), f"{api.step()}/complete", DONE)
    assert answer.status_code == 200, answer.text
    assert answer.json()["led_to"]
    with Session(api.engine) as session:
        line = session.exec(
            select(LedgerEventRow).where(LedgerEventRow.kind == "step_completed")
        ).one()
        assert line.actor == ANN
        assert session.exec(select(NoteRow)).one().signed_at is None
        assert session.exec(select(TimeEntryRow)).one().seconds == 300


def test_a_repeated_request_counts_once_and_gets_the_same_answer(api: Api) -> None:
    ann = api.of(ANN)
    first = api.post(ann, f"{api.step()}/complete", DONE, "same-key")
    again = api.post(ann, f"{api.step()}/complete", DONE, "same-key")
    assert again.json() == first.json()
    assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    assert (api.count(ClickRow), api.count(TimeEntryRow)) == (1, 1)


def test_a_key_stands_for_one_request_only(api: Api) -> None:
    ann = api.of(ANN)
    api.post(ann, f"{api.step()}/complete", DONE, "same-key")
    other = api.post(ann, f"{api.step()}/complete", {**DONE, "seconds": 60}, "same-key")
    assert (other.status_code, other.json()["code"]) == (409, "other_request")
    elsewhere = api.post(api.of(ANN), f"{api.step()}/complete", DONE, "same-key")
    assert elsewhere.json()["code"] == "step_ended"  # another token's key is another key


def test_a_change_without_a_key_is_refused(api: Api) -> None:
    answer = api.of(ANN).post(f"{api.step()}/complete", json=DONE)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_understood")
    assert api.count(ClickRow) == 0


def test_a_server_that_is_away_gives_503_and_the_same_key_goes_on_later(api: Api) -> None:
    ann = api.of(ANN)
    api.flow.away = True
    away = api.post(ann, f"{api.step()}/complete", DONE, "patient-key")
    assert away.status_code == 503
    assert int(away.headers["retry-after"]) > 0
    assert api.count(ClickRow) == 1  # kept
    api.flow.away = False
    back = api.post(ann, f"{api.step()}/complete", DONE, "patient-key")
    assert back.status_code == 200
    assert (api.count(ClickRow), api.count(TimeEntryRow)) == (1, 1)


def test_what_is_plainly_impossible_keeps_nothing(api: Api) -> None:
    ann = api.of(ANN)
    answer = api.post(ann, f"{api.step()}/complete", {**DONE, "outcome": "nonsense"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_such_outcome")
    assert "prepared" in answer.json()["hint"]
    assert (api.count(ClickRow), api.count(NoteRow)) == (0, 0)


def test_a_step_is_escalated_extended_and_handed_over(api: Api) -> None:
    lee = api.of(LEE)
    asked = api.post(lee, f"{api.step()}/escalate", {"because": "A question.", "urgent": True})
    assert asked.status_code == 200, asked.text
    more = api.post(
        lee, f"{api.step()}/extend", {"extra": "9 business days", "because": "Holidays."}
    )
    assert more.status_code == 200, more.text
    bad = api.post(lee, f"{api.step()}/extend", {"extra": "soon", "because": "Holidays."})
    assert bad.status_code == 422
    given = api.post(
        lee,
        f"{api.step()}/reassign",
        {"to": LEE, "role": "program_lead", "because": "Ann is away."},
    )
    assert given.status_code == 200, given.text
    assert lee.get(api.step()).json()["owner"] == LEE
    skipped = api.post(lee, f"{api.step()}/skip", {"because": "Not needed."})
    assert skipped.status_code in {200, 409}


def test_the_month_is_reported_and_opened_again_without_doubling(api: Api) -> None:
    lee = api.of(LEE)
    report = lee.get(f"months/{MONTH}").json()
    assert (report["total"], report["items"][0]["enrollment"]) == (1, api.enrollment)
    opened = api.post(lee, f"months/{MONTH}/open")
    assert opened.json() == {"month": str(MONTH), "opened": 0, "already_open": 0}
    assert lee.get("months/2036-01").status_code == 404


def test_looking_at_a_patient_is_in_the_access_log(api: Api) -> None:
    view = api.of(ANN).get(f"patients/{api.enrollment}").json()
    assert view["cycle"] == api.cycle
    with Session(api.engine) as session:
        line = session.exec(select(AccessLogRow).where(AccessLogRow.what == "patient_seen")).one()
    assert (line.person_id, line.patient_id) == (ANN, view["patient"]["patient"])


def test_time_is_started_stopped_added_and_corrected(api: Api) -> None:
    ann = api.of(ANN)
    about = {"enrollment": api.enrollment, "cycle": api.cycle, "step": "prepare"}
    started = api.post(ann, "time/start", about, "start-key")
    assert started.status_code == 200, started.text
    assert api.post(ann, "time/start", about, "start-key").json() == started.json()
    assert api.post(ann, "time/start", about).json()["code"] == "timer_running"
    api.site.clock.pass_by(timedelta(minutes=7))
    [entry] = api.post(ann, "time/stop").json()["entries"]
    assert (entry["seconds"], entry["person"]) == (420, ANN)
    fixed = api.post(ann, f"time/entries/{entry['id']}/correct", {"because": "x", "seconds": 360})
    assert fixed.json()["corrects"] == entry["id"]
    when = (api.site.clock.now() - timedelta(hours=3)).isoformat()
    more = {**about, "started_at": when, "seconds": 600}
    assert api.post(ann, "time/entries", more).status_code == 200
    clash = api.post(ann, "time/entries", more)
    assert (clash.status_code, clash.json()["code"]) == (409, "clash")
    others = api.of(LEE)
    stolen = api.post(others, f"time/entries/{entry['id']}/correct", {"because": "x", "seconds": 1})
    assert stolen.status_code == 404


@pytest.mark.parametrize("kind", ["admission", "discharge", "lab_result", "callback"])
def test_a_record_system_tells_of_a_patient_by_record_number(api: Api, kind: str) -> None:
    program = api.of(ANN, Scope.WRITE_HAPPENINGS)
    body = {"mrn": "MRN0", "at": api.site.clock.now().isoformat(), "note": "As reported."}
    first = api.post(program, f"events/{kind}", body, "message-1")
    assert (first.status_code, first.json()["settled"]) == (200, True), first.text
    assert api.post(program, f"events/{kind}", body, "message-1").json() == first.json()
    assert api.count(HappeningRow) == 1


def test_what_is_told_while_the_server_is_away_is_kept(api: Api) -> None:
    api.flow.away = True
    told = api.post(api.of(ANN), "events/admission", {"mrn": "MRN0"})
    assert (told.status_code, told.json()["settled"]) == (200, False)
    assert api.count(HappeningRow) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [({"mrn": "MRN9"}, 404), ({}, 422), ({"mrn": "MRN0", "patient": "p"}, 422), ({"who": 1}, 422)],
)
def test_nobody_is_guessed(api: Api, body: dict[str, object], status: int) -> None:
    answer = api.post(api.of(ANN), "events/discharge", body)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "hint", "code"}
    assert api.count(HappeningRow) == 0


def test_a_signed_message_needs_no_token_and_counts_once(api: Api) -> None:
    made = api.make(signs=True, scopes=frozenset({Scope.WRITE_HAPPENINGS}))
    assert made.signing_secret
    address = f"signed/{made.token.id}/events/discharge"
    body = b'{"mrn": "MRN0"}'
    headers = sign(made.signing_secret, "message-1", api.site.clock.now(), body)
    stranger = api.program()
    stranger.headers["content-type"] = "application/json"
    for _ in range(2):
        answer = stranger.post(address, content=body, headers=headers)
        assert answer.status_code == 200, answer.text
    assert api.count(HappeningRow) == 1
    assert stranger.post(address, content=body + b" ", headers=headers).status_code == 401
    api.site.clock.pass_by(timedelta(minutes=6))
    assert stranger.post(address, content=body, headers=headers).status_code == 401
    api.tokens.revoke(made.token.id, ClinicId(CLINIC), None, api.site.clock.now())
    fresh = sign(made.signing_secret, "message-2", api.site.clock.now(), body)
    assert stranger.post(address, content=body, headers=fresh).status_code == 401


def test_without_a_token_that_works_nothing_is_told(api: Api) -> None:
    made = api.make()
    for secret in ("", "ccm_wrong", made.token.id):
        answer = api.program(secret).get("queue")
        assert (answer.status_code, answer.json()["code"]) == (401, "no_token")
    api.tokens.revoke(made.token.id, ClinicId(CLINIC), LEE, api.site.clock.now())
    assert api.program(made.secret).get("queue").status_code == 401
    short = api.make(lasts=timedelta(days=1))
    api.site.clock.pass_by(timedelta(days=1))
    assert api.program(short.secret).get("queue").status_code == 401


def test_a_browsers_session_is_no_token(api: Api) -> None:
    browser = api.site.signed_in(ANN)
    assert browser.get("/api/v1/queue").status_code == 401


def test_a_scope_that_was_not_given_is_refused(api: Api) -> None:
    answer = api.of(ANN, Scope.READ_MONTH).get("queue")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_a_token_may_no_more_than_its_person_may_now(api: Api) -> None:
    made = api.make(LEE)
    with writing(api.engine) as session:
        session.exec(
            update(StaffRoleRow)
            .where(col(StaffRoleRow.person_id) == LEE)
            .values(role="coordinator")
        )
    assert api.post(api.program(made.secret), f"months/{MONTH}/open").status_code == 403
    with writing(api.engine) as session:
        session.get_one(PersonRow, LEE).active = False
    assert api.program(made.secret).get("queue").status_code == 401


def test_another_clinics_ids_do_not_exist(api: Api) -> None:
    stranger = api.program(
        api.make(PersonId("oak.lee"), clinic=ClinicId("oak"), scopes=frozenset(Scope)).secret
    )
    assert stranger.get(api.step()).status_code == 404
    assert stranger.get(f"patients/{api.enrollment}").status_code == 404
    assert stranger.get(f"patients/{api.enrollment[:4]}").status_code == 404
    assert stranger.get("queue").json()["total"] == 0
    for path, body in (
        (f"{api.step()}/complete", DONE),
        (f"{api.step()}/skip", {"because": "x"}),
        (f"{api.step()}/escalate", {"because": "x"}),
        ("events/discharge", {"mrn": "MRN0"}),
        ("time/start", {"enrollment": api.enrollment, "activity": "review"}),
    ):
        assert api.post(stranger, path, body).status_code == 404, path
    assert (api.count(ClickRow), api.count(HappeningRow)) == (0, 0)


def test_too_many_requests_are_told_to_wait(api: Api) -> None:
    ann = api.of(ANN, Scope.READ_PLAYBOOKS)
    answers = [ann.get("playbooks") for _ in range(RATE.burst + 1)]
    assert [answer.status_code for answer in answers] == [200] * RATE.burst + [429]
    wait = int(answers[-1].headers["retry-after"])
    api.site.clock.pass_by(timedelta(seconds=wait))
    assert ann.get("playbooks").status_code == 200


def test_no_token_acts_for_a_practitioner_or_beyond_its_person(api: Api) -> None:
    with pytest.raises(TokenRefusedError, match="practitioner"):
        api.make(PAT)
    with pytest.raises(TokenRefusedError, match=r"manage:work.*"):
        api.make(ANN, scopes=OF_ANN | {Scope.MANAGE_WORK})
    with pytest.raises(TokenRefusedError, match="not on the clinic's staff"):
        api.make(PersonId("oak.lee"))
    with pytest.raises(TokenRefusedError) as many:
        api.make(ANN, name=" ", scopes=frozenset(), lasts=timedelta(days=4000))
    assert str(many.value).count(".") == 3


def test_a_tokens_secret_is_kept_nowhere(api: Api) -> None:
    made = api.make(signs=True)
    with Session(api.engine) as session:
        row = session.exec(select(ApiTokenRow)).one()
    kept = " ".join(str(value) for value in row.model_dump().values())
    assert made.secret not in kept
    assert str(made.signing_secret) not in kept


def test_a_playbook_is_checked_and_reads_no_files_here(api: Api) -> None:
    ann = api.of(ANN)
    assert {line["kind"] for line in ann.get("playbooks").json()["items"]} >= {"monthly"}
    bad = ann.post("playbooks/check", json={"text": "playbook: x\n"}).json()
    assert not bad["good"]
    assert all(problem["hint"] for problem in bad["problems"])
    for extends in ("ccm_monthly.yaml", "../pyproject.toml"):
        text = f"playbook: mine\nversion: 1\nextends: {extends}\n"
        assert not ann.post("playbooks/check", json={"text": text}).json()["good"]


def test_every_operation_names_its_scope_and_every_field_is_described(api: Api) -> None:
    assert len(scopes_of(ROUTERS)) > 15
    document = api.program().get("openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for name, schema in document["components"]["schemas"].items():
        if name in {"HTTPValidationError", "ValidationError"}:
            continue
        assert schema.get("description"), name
        for field, value in schema.get("properties", {}).items():
            assert value.get("description") or "$ref" in value, (name, field)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
