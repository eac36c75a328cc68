"""Notes and care plans of an older database are still there, and mean the same, afterwards."""

from sqlalchemy import Engine, text

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.migrate import downgrade, upgrade

OLDER = (
    "INSERT INTO organization (id, name, kind) VALUES ('o', 'O', 'clinic')",
    "INSERT INTO person (id, organization_id, name, active, created_at) "
    "VALUES ('p', 'o', 'P', {true}, '2026-01-01 00:00:00+00')",
    "INSERT INTO clinic (id, organization_id, name, time_zone, opens, closes, working_days, "
    "status, created_at) VALUES ('c', 'o', 'C', 'America/New_York', '09:00', '17:00', 'mon', "
    "'active', '2026-01-01 00:00:00+00')",
    "INSERT INTO patient (id, clinic_id, mrn, family_name, given_name, sex, phone, language, "
    "address, source, source_id, content_hash, created_at, updated_at) VALUES ('pa', 'c', '1', "
    "'F', 'G', '', '', '', '{{}}', 's', '1', '', '2026-01-01 00:00:00+00', "
    "'2026-01-01 00:00:00+00')",
    "INSERT INTO enrollment (id, clinic_id, patient_id, program, status, created_at) "
    "VALUES ('e', 'c', 'pa', 'CCM', 'active', '2026-01-01 00:00:00+00')",
    "INSERT INTO note (id, clinic_id, enrollment_id, author_id, kind, fields, text, written_at) "
    "VALUES ('n', 'c', 'e', 'p', 'outreach', '{{}}', 'x', '2026-11-20 15:00:00+00')",
    "INSERT INTO care_plan (id, enrollment_id, version, elements, written_at, written_by, "
    "shared_at, shared_how) VALUES ('v1', 'e', 1, '{{}}', '2026-11-20 15:00:00+00', 'p', "
    "'2026-11-21 15:00:00+00', 'copy given')",
    "INSERT INTO care_plan (id, enrollment_id, version, elements, written_at, written_by) "
    "VALUES ('v2', 'e', 2, '{{}}', '2026-11-22 15:00:00+00', 'p')",
)


def one(engine: Engine, query: str) -> list[tuple[object, ...]]:
    with reading(engine) as session:
        return [tuple(row) for row in session.connection().execute(text(query))]


def test_older_notes_get_their_month_and_older_shares_stay_shares(empty: Engine) -> None:
    upgrade(empty, "0005")
    yes = "1" if empty.dialect.name == "sqlite" else "true"
    with empty.begin() as connection:
        for statement in OLDER:
            connection.exec_driver_sql(statement.format(true=yes))
    upgrade(empty)
    assert one(empty, "SELECT id, month, text FROM note") == [("n", "2026-11", "x")]
    assert one(empty, "SELECT care_plan_id, to_whom, how FROM care_plan_share") == [
        ("v1", "patient", "copy")
    ]
    downgrade(empty, "0005")
    rows = one(empty, "SELECT id, shared_at IS NULL, shared_how FROM care_plan ORDER BY id")
    assert [(id_, bool(open_), how) for id_, open_, how in rows] == [
        ("v1", False, "copy"),
        ("v2", True, None),
    ]
    assert one(empty, "SELECT id FROM note") == [("n",)]
