"""What identifies a patient stands in the database as nobody without the key can read it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.name_search import Names
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.sealed_columns import same
from ccm_flow.adapters.db.sealing_rows import bring_in_line, out_of_line
from ccm_flow.adapters.db.shield import MARK, SealedFieldError, Shield, shielded_by
from ccm_flow.adapters.db.tables import PatientEditRow, PatientRow
from ccm_flow.adapters.keys import read_keys, rotate
from ccm_flow.app.statuses import PatientField
from ccm_flow.core.ids import ClinicId, PatientId, PersonId
from tests.support.set_up import CLINIC, set_up_clinic

NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
SECRETS = ("Delacroix", "Zoë", "4711", "1935-12-15", "555-0199", "12 Quiet Lane")
Sealing = Callable[..., Engine]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "payload.key"


@pytest.fixture
def sealing(engine: Engine, keys: Path) -> Sealing:
    """Give what opens the same database, with fields sealed or not."""

    def opened(*, seals: bool = True) -> Engine:
        return shielded_by(engine, Shield(lambda: read_keys(keys), seals=seals))

    return opened


def patient(id_: str = "p1", family: str = "Delacroix", given: str = "Zoë") -> PatientRow:
    return PatientRow(
        id=PatientId(id_),
        clinic_id=CLINIC,
        mrn="4711" if id_ == "p1" else f"n-{id_}",
        family_name=family,
        given_name=given,
        birth_date=date(1935, 12, 15),
        phone="555-0199",
        address={"line": "12 Quiet Lane"},
        source="csv",
        source_id="4711" if id_ == "p1" else f"n-{id_}",
        content_hash="",
        created_at=NOW,
        updated_at=NOW,
    )


def keep(engine: Engine, *patients: PatientRow) -> None:
    with writing(engine) as session:
        session.add_all(patients)


def raw(engine: Engine) -> str:
    """Give everything of the patients as the database itself holds it."""
    with engine.connect() as connection:
        rows = [
            *connection.execute(text("SELECT * FROM patient WHERE id LIKE 'p%'")),
            *connection.execute(text("SELECT * FROM patient_edit")),
        ]
    return str([[str(value) for value in row] for row in rows])


def read_back(engine: Engine) -> PatientRow:
    with reading(engine) as session:
        return session.get_one(PatientRow, "p1")


@pytest.fixture
def clinic(engine: Engine) -> None:
    set_up_clinic(engine)


pytestmark = pytest.mark.usefixtures("clinic")


def test_sealed_values_are_read_as_they_were_and_stand_nowhere(sealing: Sealing) -> None:
    engine = sealing()
    keep(engine, patient())
    assert [word for word in SECRETS if word in raw(engine)] == []
    one = read_back(engine)
    assert (one.family_name, one.given_name, one.mrn) == ("Delacroix", "Zoë", "4711")
    assert (one.birth_date, one.phone) == (date(1935, 12, 15), "555-0199")
    assert one.address == {"line": "12 Quiet Lane"}


def test_equal_names_do_not_look_equal(sealing: Sealing) -> None:
    engine = sealing()
    keep(engine, patient("p1"), patient("p2"))
    with engine.connect() as connection:
        query = text("SELECT family_name FROM patient WHERE id LIKE 'p%'")
        assert len(set(connection.execute(query).scalars())) == 2


def test_a_record_number_is_found_however_it_is_kept(sealing: Sealing, keys: Path) -> None:
    keep(sealing(seals=False), patient("p1"))
    engine = sealing()
    found = []
    for _ in range(3):  # plain; sealed; sealed under an older key
        with reading(engine) as session:
            query = select(PatientRow.id).where(same(session, PatientRow.mrn, "4711"))
            found.append(session.exec(query).all())
        list(bring_in_line(engine))
        if MARK in raw(engine):
            rotate(keys)
            engine = sealing()
    assert found == [["p1"]] * 3


def test_what_is_there_is_sealed_in_place_and_opened_again(sealing: Sealing) -> None:
    plain = sealing(seals=False)
    keep(plain, patient())
    with writing(plain) as session:
        session.add(
            PatientEditRow(
                patient_id=PatientId("p1"),
                field=PatientField.PHONE,
                value="555-0199",
                by=PersonId("elm.ann"),
                at=NOW,
            )
        )
    before = raw(plain)
    engine = sealing()
    assert out_of_line(engine) > 1
    list(bring_in_line(engine))
    assert out_of_line(engine) == 0
    assert [word for word in SECRETS if word in raw(engine)] == []
    assert list(bring_in_line(engine)) == []
    opened = sealing(seals=False)
    list(bring_in_line(opened))
    assert raw(opened) == before


def test_edits_stay_for_good_after_they_were_sealed(sealing: Sealing) -> None:
    keep(sealing(seals=False), patient())
    with writing(sealing(seals=False)) as session:
        session.add(
            PatientEditRow(
                patient_id=PatientId("p1"),
                field=PatientField.ADDRESS,
                value={"line": "12 Quiet Lane"},
                by=PersonId("elm.ann"),
                at=NOW,
            )
        )
    engine = sealing()
    list(bring_in_line(engine))
    with pytest.raises(Exception, match="append-only"), writing(engine) as session:
        session.connection().execute(text("UPDATE patient_edit SET by = 'somebody'"))


def test_after_a_rotation_old_values_are_read_and_brought_under_the_new_key(
    sealing: Sealing, keys: Path
) -> None:
    keep(sealing(), patient())
    name, _ = rotate(keys)
    engine = sealing()
    assert read_back(engine).family_name == "Delacroix"
    list(bring_in_line(engine))
    assert raw(engine).count(f"{MARK}{name}:") == raw(engine).count(MARK)


def test_who_began_before_a_rotation_reads_what_others_write(sealing: Sealing, keys: Path) -> None:
    early = Shield(lambda: read_keys(keys), seals=True)
    early.seal("x", "patient.phone")
    rotate(keys)
    later = Shield(lambda: read_keys(keys), seals=True)
    sealed = later.seal("Delacroix", "patient.family_name")
    assert early.open(sealed, "patient.family_name") == "Delacroix"


def test_without_its_key_or_in_another_column_a_value_is_refused(
    sealing: Sealing, tmp_path: Path
) -> None:
    engine = sealing()
    keep(engine, patient())
    shielded_by(engine, Shield(lambda: read_keys(tmp_path / "other.key"), seals=True))
    with pytest.raises(SealedFieldError):
        read_back(engine)
    shield = Shield(lambda: read_keys(tmp_path / "other.key"), seals=True)
    sealed = shield.seal("555-0199", "patient.phone")
    with pytest.raises(SealedFieldError):
        shield.open(sealed, "patient.given_name")


@pytest.mark.parametrize("seals", [True, False])
def test_a_name_that_looks_sealed_is_a_name(sealing: Sealing, *, seals: bool) -> None:
    engine = sealing(seals=seals)
    keep(engine, patient(family=f"{MARK}abc:def", given="sealed:0:"))
    assert read_back(engine).family_name == f"{MARK}abc:def"
    assert read_back(engine).given_name == "sealed:0:"


@pytest.mark.parametrize("seals", [True, False])
def test_search_and_order_by_name_are_the_same(sealing: Sealing, *, seals: bool) -> None:
    engine = sealing(seals=seals)
    names = [("p1", "Delacroix", "Zoë"), ("p2", "abel", "Tom"), ("p3", "Berg", "Delia")]
    keep(engine, *(patient(*one) for one in names))
    with Session(engine) as session:
        sought = Names(session, ClinicId(CLINIC))
        mine = select(PatientRow.id).where(PatientRow.id.in_(["p1", "p2", "p3"]))  # type: ignore[attr-defined]
        ordered = session.exec(mine.order_by(*sought.order())).all()
        found = {
            word: set(session.exec(mine.where(sought.fits(word))))
            for word in ("del", "acro", "47", "711")
        }
    assert ordered == ["p2", "p3", "p1"]
    assert found == {"del": {"p1", "p3"}, "acro": {"p1"}, "47": {"p1"}, "711": set()}


def test_an_import_knows_the_patients_it_wrote_before(sealing: Sealing) -> None:
    engine = sealing()
    keep(engine, patient())
    known = SqlPatientStore(engine).known(CLINIC)
    assert known["csv", "4711"].patient == "p1"
