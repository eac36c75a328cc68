"""The way back: to the version that was asked for, from the month asked for, once."""

import pytest
from sqlalchemy import Engine

from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.views_playbooks import shelf
from ccm_flow.adapters.playbook_library import PlaybookLibrary
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.templates import load_templates
from ccm_flow.app.drafts import Publication
from ccm_flow.app.publish_playbook import DraftDesk
from ccm_flow.app.roll_back import (
    AnotherInUseError,
    InUse,
    RollBackResult,
    Wish,
    roll_back,
    way_back,
)
from ccm_flow.core.ids import PlaybookId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from tests.support.set_up import CLINIC, MONTH, NOW, MovableClock, person, set_up_clinic

BOOK = PlaybookId("ccm-monthly")
TEXT = (shipped("playbooks") / "ccm_monthly.yaml").read_text("utf-8")
SOON, MAY = MONTH.next, Month(2038, 5)


def use(version: int, month: int) -> InUse:
    return InUse(BOOK, version, str(version), Month(2037, month))


@pytest.mark.parametrize(
    ("spans", "page", "expected"),
    [
        ([(1, 1)], 1, None),
        ([(1, 1), (2, 2), (3, 5)], 3, (2, Month(2037, 5))),
        ([(1, 1), (2, 2), (3, 5)], 2, None),
        ([(1, 1), (2, 2), (2, 4)], 2, (1, Month(2037, 2))),
        ([(1, 1), (2, 2), (1, 5)], 1, (2, Month(2037, 5))),
    ],
)
def test_only_the_version_that_goes_on_offers_the_one_before_it_from_its_own_months(
    spans: list[tuple[int, int]], page: int, expected: tuple[int, Month] | None
) -> None:
    found = way_back([use(*one) for one in spans], str(page))
    assert (found and (found.former.version, found.since)) == expected


class Clinic:
    """A clinic with version 2 since January 2037, 3 since December and 4 from May 2038 on."""

    def __init__(self, engine: Engine) -> None:
        set_up_clinic(engine)
        self.engine = engine
        library = PlaybookLibrary(engine, load_templates(shipped("templates")))
        self.desk = DraftDesk(SqlDrafts(engine), library, MovableClock())
        self.sha = {2: self.plan(MONTH).sha256}
        for version, month in ((3, MONTH), (4, MAY)):
            found = library.resolve(
                CLINIC, TEXT.replace("\nversion: 2\n", f"\nversion: {version}\n")
            )
            assert found.plan is not None
            made = Publication(CLINIC, found.plan, found.merged_text, month, person("lee"))
            self.desk.drafts.publish(made, NOW, None)
            self.sha[version] = found.plan.sha256

    def plan(self, month: Month) -> Plan:
        return SqlCareRecord(self.engine).plan_for(CLINIC, PlaybookKind.MONTHLY, month)

    def versions(self) -> list[int]:
        return [self.plan(month).version for month in (MONTH, SOON, MAY)]

    def back(self, month: Month, to: int | None = None, of: int | None = None) -> RollBackResult:
        wish = Wish(
            BOOK,
            month,
            "lost",
            to=self.sha[to] if to else None,
            instead_of=self.sha[of] if of else None,
        )
        used = shelf(self.engine, CLINIC).used(PlaybookKind.MONTHLY)
        return roll_back(self.desk, CLINIC, used, wish, running=MONTH, by=person("lee"))


def test_what_is_left_must_be_what_is_in_use_in_that_month(engine: Engine) -> None:
    clinic = Clinic(engine)
    with pytest.raises(AnotherInUseError):
        clinic.back(SOON, to=3, of=4)
    assert clinic.versions() == [3, 3, 4]


@pytest.mark.parametrize(("to", "of"), [(3, 4), (3, None), (None, None)])
def test_going_back_twice_is_going_back_once(
    engine: Engine, to: int | None, of: int | None
) -> None:
    clinic = Clinic(engine)
    first, second = clinic.back(MAY, to, of), clinic.back(MAY, to, of)
    assert (first.version, first.instead_of, first.last) == (3, 4, None)
    assert (second.version, second.instead_of, second.months) == (3, None, "from 2038-05 on")
    assert clinic.versions() == [3, 3, 3]


def test_it_is_said_where_another_version_follows(engine: Engine) -> None:
    clinic = Clinic(engine)
    done = clinic.back(SOON)
    assert (done.version, done.instead_of, done.months) == (2, 3, "from 2038-01 to 2038-04")
    assert clinic.back(SOON).instead_of is None
    assert clinic.versions() == [3, 2, 4]
