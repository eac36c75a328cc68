"""A vendor's person is one person: one clinic's file says nothing by accident for another."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import PersonRow
from ccm_flow.app.clinic_diff import Elsewhere, Rename, differences
from ccm_flow.app.clinic_setup import ClinicFile, OrganizationFile
from ccm_flow.cli.work.clinic_file import ClinicFileError, refuse_renames
from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId

NOW = datetime(2037, 11, 20, 15, tzinfo=UTC)
TODAY = date(2037, 11, 20)
MARIA = PersonId("acme.maria")
OAK = ClinicId("oak")
WHOLE = {
    "email": "maria@acme.test",
    "credential": "physician",
    "npi": "1234567893",
    "languages": ["en", "es"],
    "licensed_in": ["MA", "NH"],
}


def file(clinic: str, **maria: object) -> ClinicFile:
    said = {"id": "maria", "name": "Maria", "roles": ["practitioner"], "organization": "acme"}
    return ClinicFile.model_validate(
        {
            "clinic": clinic,
            "name": clinic.title(),
            "time_zone": "America/New_York",
            "program_owner": "lee",
            "vendor": {"id": "acme", "name": "Acme"},
            "staff": [{"id": "lee", "name": "Lee", "roles": ["program_lead"]}, said | maria],
        }
    )


@pytest.fixture
def store(engine: Engine) -> SqlClinicStore:
    """Give a store in which elm's file says everything of Maria."""
    made = SqlClinicStore(engine)
    made.apply(file("elm", **WHOLE), NOW)
    return made


def maria(engine: Engine) -> Mapping[str, object]:
    with reading(engine) as session:
        row = session.get_one(PersonRow, MARIA)
        return row.model_dump(include={"name", *WHOLE})


def test_what_another_clinics_file_leaves_out_stays(engine: Engine, store: SqlClinicStore) -> None:
    before, short = maria(engine), file("oak")
    assert store.elsewhere(short) == ()
    store.apply(short, NOW)
    assert maria(engine) == before
    assert before["npi"] == "1234567893"
    for one in (short, file("elm", **WHOLE)):
        kept = store.stored(ClinicId(one.clinic), TODAY)
        assert differences(kept, store.completed(one)) == (), "applying again changes nothing"


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ({"email": "m@acme.test"}, [("e-mail", "maria@acme.test", "m@acme.test")]),
        ({"email": None}, [("e-mail", "maria@acme.test", None)]),
        ({"licensed_in": ["MA"]}, [("licences", "MA, NH", "MA")]),
        ({"languages": []}, [("languages", "en, es", None)]),
        ({"name": "Maria B"}, [("name", "Maria", "Maria B")]),
        (
            {"credential": "rn"},
            [("credential", "physician", "rn"), ("NPI", "1234567893", None)],
        ),
    ],
    ids=lambda one: "-".join(one) if isinstance(one, dict) else "",
)
def test_what_it_names_changes_alone_and_is_told_for_the_other_clinics(
    engine: Engine,
    store: SqlClinicStore,
    said: Mapping[str, object],
    changes: list[tuple[str, str | None, str | None]],
) -> None:
    before, oak = maria(engine), file("oak", **said)
    told = tuple(Elsewhere(MARIA, *one, (ClinicId("elm"),)) for one in changes)
    assert store.elsewhere(oak) == told
    store.apply(oak, NOW)
    after = maria(engine)
    assert len([field for field in after if after[field] != before[field]]) == len(changes)
    assert store.elsewhere(oak) == ()
    assert store.stored(ClinicId("elm"), TODAY) is not None


def test_who_works_here_alone_changes_for_nobody_else(store: SqlClinicStore) -> None:
    assert store.elsewhere(file("elm", email="m@acme.test")) == ()


def test_the_clinics_own_people_are_as_their_file_says(
    engine: Engine, store: SqlClinicStore
) -> None:
    own = file("elm", organization=None, **WHOLE)
    store.apply(own, NOW)
    store.apply(file("elm", organization=None), NOW)
    with reading(engine) as session:
        row = session.get_one(PersonRow, PersonId("elm.maria"))
        assert (row.email, row.npi, row.active) == (None, None, True)
        assert session.get_one(PersonRow, MARIA).credential is Credential.PHYSICIAN


def renamed(clinic: str, name: str) -> ClinicFile:
    return file(clinic).model_copy(update={"vendor": OrganizationFile(id="acme", name=name)})


@pytest.mark.parametrize(
    ("other", "name", "found"),
    [
        (None, "Acme Care", ()),
        ("oak", "Acme", ()),
        ("oak", "Acme Care", (Rename("vendor", OrganizationId("acme"), "Acme", (OAK,)),)),
    ],
)
def test_one_clinics_file_is_told_apart_when_it_renames_a_vendor_for_all(
    store: SqlClinicStore, other: str | None, name: str, found: tuple[Rename, ...]
) -> None:
    if other is not None:
        store.apply(file(other), NOW)
    assert store.renames(renamed("elm", name)) == found


def test_a_rename_is_refused_at_its_place(store: SqlClinicStore) -> None:
    store.apply(file("oak"), NOW)
    text = "clinic: elm\nvendor: {id: acme, name: Acme Care}\n"
    with pytest.raises(ClinicFileError) as caught:
        refuse_renames(text, "elm.yaml", store.renames(renamed("elm", "Acme Care")))
    assert "elm.yaml:2:26: vendor.name: 'acme' is called 'Acme' at oak too" in str(caught.value)


def test_who_had_left_comes_back_by_name_and_not_in_passing(
    engine: Engine, store: SqlClinicStore
) -> None:
    assert store.coming_back(file("elm")) == ()
    with writing(engine) as session:
        session.get_one(PersonRow, MARIA).active = False
    assert store.coming_back(file("elm")) == (MARIA,)
    store.apply(file("elm"), NOW)
    assert store.coming_back(file("elm")) == ()
