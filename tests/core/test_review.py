"""The rules of the readiness review: every item has one, and nothing unknown counts as met."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ccm_flow.core import review_required, review_rules
from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.review import Area, Entry, Item, Line, Said, Standing, score, scores
from ccm_flow.core.review_items import ASKED, BY_ID, ITEMS, REQUIRED
from ccm_flow.core.review_required import what_stops
from ccm_flow.core.review_rules import review
from ccm_flow.core.review_seen import (
    ImportSeen,
    Means,
    MonthSeen,
    PatientsSeen,
    PlaybookSeen,
    Practitioner,
    RoleSeen,
    Seen,
    SetUp,
    Share,
)

NOW = datetime(2026, 12, 10, 15, tzinfo=UTC)
LEE, ANN = PersonId("elm.lee"), PersonId("elm.ann")
NURSE = RoleSeen("Nurse", present=2, held=2, with_room=1)
SET_UP = SetUp(
    published=("Monthly",),
    unpublished=(),
    roles=(NURSE, replace(NURSE, title="Biller")),
    owner="Lee",
    owner_is_here=True,
    wording="ccm-consent-1",
    practitioners=(Practitioner("Pat", is_licensed=True, has_npi=True),),
)
GOOD = Seen(
    set_up=SET_UP,
    playbooks=(PlaybookSeen("Monthly", 0, proof_holds=True),),
    month=MonthSeen(Month(2026, 11), Share(90, 100), Share(95, 100), 0, Share(1, 100), Share(3, 3)),
    imported=ImportSeen(days_ago=3, problems=0),
    patients=PatientsSeen(100, 100, 97, 99, {"en": 90, "es": 10}),
    means=Means(
        calls_from="555 0100",
        says_outreach_number=True,
        contact_hours=True,
        script_languages=frozenset({"en", "es"}),
        staff_languages=frozenset({"en", "es"}),
        documentation_time=True,
        has_vendor=True,
        approvers=2,
        leads=1,
        owners=1,
        owner_has_email=True,
        wanted_minutes=2000,
        kept_minutes=3000,
    ),
)


def yes(item: Item, at: datetime = NOW) -> Entry:
    return Entry(item.id, ANN, at, Said.YES)


def lines(seen: Seen, entries: tuple[Entry, ...] = ()) -> dict[str, Line]:
    found = review(seen, entries, NOW, owner=LEE, due_on=date(2026, 12, 31))
    return {line.item.id: line for line in found}


def test_each_item_is_either_worked_out_or_asked_and_every_area_has_some() -> None:
    worked_out = {*review_rules.RULES, *review_required.RULES}
    assert worked_out == {item.id for item in ITEMS if not item.is_asked}
    assert set(review_required.RULES) == {item.id for item in REQUIRED}
    assert {item.area for item in ITEMS} == set(Area)
    assert len(BY_ID) == len(ITEMS)
    assert all(1 <= item.weight <= 3 and item.mend for item in ITEMS)


def test_a_clinic_with_everything_has_every_point_once_people_have_answered() -> None:
    found = lines(GOOD, tuple(yes(item) for item in ASKED))
    assert {line.finding.standing for line in found.values()} == {Standing.MET}
    assert score(found.values()).percent == 100
    assert all(line.owner is None and line.due_on is None for line in found.values())


def test_what_nobody_has_answered_is_not_known_and_gives_nothing() -> None:
    found = lines(GOOD)
    for item in ASKED:
        assert found[item.id].finding.standing is Standing.NOT_KNOWN
    total = score(found.values())
    assert total.possible == sum(item.weight for item in ITEMS)
    assert total.points == total.possible - sum(item.weight for item in ASKED)


@pytest.mark.parametrize("item", ASKED, ids=lambda item: item.id)
def test_an_answer_holds_for_its_time_and_is_then_not_known(item: Item) -> None:
    assert item.holds_for is not None
    for age, standing in [
        (item.holds_for, Standing.MET),
        (item.holds_for + timedelta(seconds=1), Standing.NOT_KNOWN),
    ]:
        assert lines(GOOD, (yes(item, NOW - age),))[item.id].finding.standing is standing


def means(**changed: object) -> Callable[[Seen], Seen]:
    return lambda seen: replace(seen, means=replace(seen.means, **changed))  # type: ignore[arg-type]


def patients(**changed: object) -> Callable[[Seen], Seen]:
    return lambda seen: replace(seen, patients=replace(seen.patients, **changed))  # type: ignore[arg-type]


def month(**changed: object) -> Callable[[Seen], Seen]:
    def change(seen: Seen) -> Seen:
        assert seen.month is not None
        return replace(seen, month=replace(seen.month, **changed))  # type: ignore[arg-type]

    return change


def set_up(**changed: object) -> Callable[[Seen], Seen]:
    return lambda seen: replace(seen, set_up=replace(seen.set_up, **changed))  # type: ignore[arg-type]


def roles(*found: RoleSeen) -> Callable[[Seen], Seen]:
    return set_up(roles=found)


EMPTY = RoleSeen("Biller", present=0, held=0, with_room=0)
PLAYBOOK = PlaybookSeen("Monthly", 0, proof_holds=True)


@pytest.mark.parametrize(
    ("item", "change", "standing"),
    [
        ("playbook", set_up(unpublished=("monthly",)), "gap"),
        (
            "playbook_check",
            lambda seen: replace(seen, playbooks=(replace(PLAYBOOK, errors=2),)),
            "gap",
        ),
        ("playbook_check", lambda seen: replace(seen, playbooks=()), "gap"),
        (
            "playbook_proof",
            lambda seen: replace(seen, playbooks=(replace(PLAYBOOK, proof_holds=None),)),
            "not_known",
        ),
        (
            "playbook_proof",
            lambda seen: replace(seen, playbooks=(replace(PLAYBOOK, proof_holds=False),)),
            "gap",
        ),
        ("roles", roles(NURSE, EMPTY), "gap"),
        ("roles", roles(NURSE, replace(EMPTY, held=1)), "partly"),
        ("roles", roles(), "gap"),
        ("program_owner", set_up(owner=""), "gap"),
        ("program_owner", set_up(owner_is_here=False), "gap"),
        ("second_approver", means(approvers=1), "gap"),
        ("agreed", roles(NURSE, replace(NURSE, is_agreed=False)), "partly"),
        ("care_plans", patients(planned=94), "partly"),
        ("care_plans", patients(planned=74), "gap"),
        ("care_plans", patients(enrolled=0, planned=0), "not_yet"),
        ("notes_signed", month(unsigned=1), "gap"),
        ("late_minutes", month(late=Share(6, 100)), "partly"),
        ("late_minutes", month(late=Share(16, 100)), "gap"),
        ("late_minutes", month(late=Share(0, 0)), "not_yet"),
        ("documentation_time", means(documentation_time=False), "gap"),
        ("outreach_numbers", means(says_outreach_number=False), "partly"),
        ("outreach_numbers", means(says_outreach_number=False, calls_from=""), "gap"),
        ("contact_hours", means(contact_hours=False), "gap"),
        ("script_languages", means(script_languages=frozenset({"en"})), "partly"),
        ("script_languages", means(script_languages=frozenset({"es"})), "gap"),
        ("staff_languages", means(staff_languages=None), "not_known"),
        ("staff_languages", patients(languages={}), "not_yet"),
        ("phones", patients(reachable=97), "partly"),
        ("on_time", month(on_time=Share(89, 100)), "partly"),
        ("on_time", month(on_time=Share(0, 0)), "not_yet"),
        ("ready", month(ready=Share(64, 100)), "gap"),
        ("ready", lambda seen: replace(seen, month=None), "not_yet"),
        ("leaks_looked_at", lambda seen: replace(seen, month=None), "not_yet"),
        ("checkpoints", month(checkpoints=Share(2, 3)), "gap"),
        ("sees_the_month", means(owners=0), "partly"),
        ("sees_the_month", means(owners=0, leads=0), "gap"),
        ("notices", means(owner_has_email=False), "gap"),
        ("room", roles(NURSE, replace(NURSE, with_room=0)), "partly"),
        ("room", roles(replace(NURSE, with_room=0)), "gap"),
        ("second_person", roles(NURSE, replace(NURSE, held=1)), "partly"),
        ("absences", roles(replace(NURSE, empty_on=date(2026, 12, 24))), "gap"),
        ("protected_time", means(kept_minutes=1999), "gap"),
        ("protected_time", means(kept_minutes=None), "gap"),
        ("consent_wording", set_up(wording=""), "gap"),
        ("consents", patients(consented=99), "partly"),
        ("billing_practitioner", set_up(practitioners=()), "gap"),
        ("npi", set_up(practitioners=(Practitioner("Pat", True, False),)), "gap"),
        ("import_fresh", lambda seen: replace(seen, imported=ImportSeen(36, 0)), "gap"),
        ("import_fresh", lambda seen: replace(seen, imported=None), "gap"),
        ("import_problems", lambda seen: replace(seen, imported=ImportSeen(1, 4)), "gap"),
    ],
)
def test_what_is_missing_is_found(item: str, change: Callable[[Seen], Seen], standing: str) -> None:
    line = lines(change(GOOD))[item]
    assert line.finding.standing == standing
    assert line.finding.detail.endswith(".")
    assert line.is_open is (standing != "not_yet")


def test_points_are_whole_half_or_none_and_what_is_too_early_is_left_out() -> None:
    met, early = BY_ID["playbook"], lines(replace(GOOD, month=None))
    assert score([early["on_time"]]).percent is None
    half = lines(month(on_time=Share(80, 100))(GOOD))["on_time"]
    both = [half, lines(GOOD)[met.id]]
    assert score(both).points == half.item.weight / 2 + met.weight
    assert (
        sum(one.possible for one in scores(list(early.values())).values())
        == score(early.values()).possible
    )


def test_a_gap_is_the_program_owners_until_somebody_names_another() -> None:
    seen = means(owner_has_email=False)(GOOD)
    line = lines(seen)["notices"]
    assert (line.owner, line.owner_was_named) == (LEE, False)
    assert (line.due_on, line.due_was_set) == (date(2026, 12, 31), False)
    named = Entry("notices", LEE, NOW, owner=ANN)
    dated = Entry("notices", LEE, NOW, due_on=date(2026, 12, 15))
    line = lines(seen, (named, dated))["notices"]
    assert (line.owner, line.owner_was_named) == (ANN, True)
    assert (line.due_on, line.due_was_set) == (date(2026, 12, 15), True)


def test_only_a_gap_in_something_required_stops_a_first_month() -> None:
    assert what_stops(SET_UP) == ()
    away = replace(SET_UP, roles=(replace(EMPTY, held=1),))
    assert what_stops(away) == ()
    bare = SetUp((), ("monthly",), (), "", owner_is_here=False, wording="", practitioners=())
    assert [item.id for item, _ in what_stops(bare)] == [item.id for item in REQUIRED]
