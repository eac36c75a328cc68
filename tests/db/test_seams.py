"""What one part keeps reaches the others: own rules, told deaths, the biller's question."""

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import select

from ccm_flow.adapters.db.billing_store import SqlBillingStore
from ccm_flow.adapters.db.eligibility_store import SqlEligibilityStore
from ccm_flow.adapters.db.engine import reading, with_rules_of, writing
from ccm_flow.adapters.db.facts import gather_facts
from ccm_flow.adapters.db.happening_store import SqlHappenings
from ccm_flow.adapters.db.service_store import add_service
from ccm_flow.adapters.db.tables import EnrollmentRow
from ccm_flow.adapters.db.views import queue
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.eligible import judge_everybody
from ccm_flow.app.happenings import Happening
from ccm_flow.app.records import ServiceRecord
from ccm_flow.app.statuses import ServiceOrigin
from ccm_flow.app.views import WhyKind
from ccm_flow.core.handoff import Decision, LineAct
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.ids import HappeningId
from ccm_flow.core.verdict import Reason
from tests.support import billed
from tests.support.billed import AFTER, ELM, MONTH, ZONE, person


def test_a_set_ups_own_rules_decide_what_excludes_the_program(
    engine: Engine, tmp_path: Path
) -> None:
    (enrollment,) = billed.set_up(engine)
    with writing(engine) as session:
        patient = session.get_one(EnrollmentRow, enrollment).patient_id
        on = date(2026, 12, 3)
        record = ServiceRecord("", "99490", on, on, "Dr. Chen")
        add_service(session, patient, record, origin=ServiceOrigin.IMPORT, at=AFTER)
    text = (shipped("rules") / "billing" / "2026.yaml").read_text(encoding="utf-8")
    (tmp_path / "rules").mkdir()
    own = text.replace("act: block", "act: warn")
    (tmp_path / "rules" / "2026.yaml").write_text(own, encoding="utf-8")
    counts = []
    for database in (engine, with_rules_of(engine, tmp_path)):
        with reading(database) as session:
            counts.append(gather_facts(session, enrollment, MONTH, AFTER)["conflicts"])
    assert counts == [1, 0]


def test_own_rules_with_errors_do_not_stop_the_months(engine: Engine, tmp_path: Path) -> None:
    (enrollment,) = billed.set_up(engine)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "2026.yaml").write_text("rules: [", encoding="utf-8")
    with writing(with_rules_of(engine, tmp_path)) as session:
        patient = session.get_one(EnrollmentRow, enrollment).patient_id
        on = date(2026, 12, 3)
        record = ServiceRecord("", "99490", on, on, "Dr. Chen")
        add_service(session, patient, record, origin=ServiceOrigin.IMPORT, at=AFTER)
        session.flush()
        assert gather_facts(session, enrollment, MONTH, AFTER)["conflicts"] == 1


def test_a_told_death_keeps_a_patient_from_being_enrolled_until_it_is_taken_back(
    engine: Engine,
) -> None:
    (enrollment,) = billed.set_up(engine)
    told, store = SqlHappenings(engine), SqlEligibilityStore(engine)
    with reading(engine) as session:
        patient = session.exec(select(EnrollmentRow)).one().patient_id
    assert enrollment

    def reasons() -> tuple[Reason, ...]:
        (one,) = judge_everybody(store, ELM, load_condition_groups(), date(2026, 12, 4), ZONE)
        return one.verdict.reasons

    def tell(id_: str, voids: str | None = None) -> None:
        wrong = HappeningId(voids) if voids else None
        at = datetime(2026, 12, 2, 15, tzinfo=UTC)
        kind, ann = HappeningKind.DEATH, person("ann")
        told.keep(Happening(HappeningId(id_), ELM, patient, kind, at, ann, voids=wrong), at)

    assert reasons() == ()
    tell("d")
    assert reasons() == (Reason.DECEASED,)
    tell("v", voids="d")
    assert reasons() == ()


def test_the_billers_question_stands_in_the_queue_where_it_is_answered(engine: Engine) -> None:
    (enrollment,) = billed.set_up(engine)
    billed.play(engine, enrollment, "returned")
    asked = Decision(LineAct.RETURNED, person("bob"), AFTER, "which call was on Dec 9?")
    SqlBillingStore(engine).decide(ELM, MONTH, {enrollment: asked})
    rows = {row.key: row for row in queue(engine, ELM, now=AFTER).steps}
    (why, *_) = rows["fix_returned"].why
    assert (why.kind, why.text) == (WhyKind.RETURNED, "which call was on Dec 9?")
