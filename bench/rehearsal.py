"""What the replay of a month of 10,000 patients takes, from the database to the figures."""

import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sqlmodel import insert

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import open_database, writing
from ccm_flow.adapters.db.migrate import upgrade
from ccm_flow.adapters.db.tables import EnrollmentRow, PatientRow
from ccm_flow.adapters.processes.replays import SqlRecordedClinic
from ccm_flow.app.rehearse import Wanted, rehearse
from ccm_flow.core.ids import EnrollmentId, PatientId, PersonId
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.demo.staff import MONTHLY_STAFF
from ccm_flow.rehearsal.measures import Metric
from tests.support.plans import rule
from tests.support.played_month import Played, keep_months, play_month, start_of, values_of
from tests.support.set_up import CLINIC, MONTH, person, set_up_clinic

PATIENTS = 10_000


def main() -> None:
    """Record a month on the engine, replay it on a draft, and print."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{Path(folder) / 'ccm.db'}")
        upgrade(engine)
        first = set_up_clinic(engine, 1)[0]
        record = SqlCareRecord(engine)
        calendar = month_calendar(record.clinic(CLINIC).hours, MONTH, PlaybookKind.MONTHLY)
        plan = record.plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH)
        team = {role.id: PersonId(person("lee")) for role in plan.roles}
        others = [EnrollmentId(f"{number:032x}") for number in range(PATIENTS)]
        with writing(engine) as session:
            row = values_of(session.get_one(EnrollmentRow, first))
            patient = values_of(session.get_one(PatientRow, row["patient_id"]))
            ids = [PatientId(f"p{one}") for one in others]
            known = [
                {**patient, "id": id_, "source_id": id_, "mrn": id_, "content_hash": id_}
                for id_ in ids
            ]
            session.execute(insert(PatientRow), known)
            rows = [
                {**row, "id": one, "patient_id": id_} for one, id_ in zip(others, ids, strict=True)
            ]
            session.execute(insert(EnrollmentRow), rows)

        def months() -> Iterator[Played]:
            for number, enrollment in enumerate(others):
                start = start_of(enrollment, plan, MONTH, calendar=calendar, team=team)
                yield play_month(start, MONTHLY_STAFF, f"1|{number}")

        keep_months(engine, months())
        steps = tuple(
            replace(one, due=rule("business day 5"), variants=()) if one.id == "outreach" else one
            for one in plan.steps
        )
        draft = replace(plan, steps=steps, version=plan.version + 1, sha256="f" * 64)
        for processes in (1, 2):
            began, cpu = time.perf_counter(), _cpu()
            wanted = Wanted(CLINIC, draft, MONTH, {})
            result = rehearse(SqlRecordedClinic(engine, processes), wanted)
            spent, cpu = time.perf_counter() - began, _cpu() - cpu
            assert result.patients == PATIENTS
            print(
                f"{result.patients:,} recorded months on a draft, {processes} process"
                f"{'es' if processes > 1 else ''}: {spent:.1f} s, {cpu:.1f} CPU seconds "
                "(aim on two cores: under 15 s), "
                f"ready {result.change(Metric.READY).old:.1%} to "
                f"{result.change(Metric.READY).new:.1%}"
            )
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"memory at most: {own:.0f} MB here (recording too), {child:.0f} MB in a process")


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
