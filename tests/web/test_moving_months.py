"""Moving running months in the browser: looked at, signed by name, told once, found again."""

import re
import uuid
from collections.abc import Iterator

import pytest
from sqlmodel import func, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import AccessLogRow, LedgerEventRow, MoveOrderRow
from ccm_flow.app.accounts import AccessEvent
from ccm_flow.app.act import Desk
from ccm_flow.core.plan import Plan
from tests.support.moved_months import MovingClinic, next_version
from tests.support.set_up import person
from tests.web.conftest import Site


@pytest.fixture
async def moving(site: Site, monkeypatch: pytest.MonkeyPatch) -> "Moving":
    """Give a clinic with two running months and an approved version, without a server."""
    clinic = MovingClinic(site.parts.base.engine)
    old = await clinic.open(2)
    site.clock.at = clinic.clock.instant

    async def desk() -> Desk:
        return clinic.desk

    monkeypatch.setattr(site.parts, "desk", desk)
    return Moving(site, clinic, old)


class Moving:
    """The site and the clinic behind it."""

    def __init__(self, site: Site, clinic: MovingClinic, old: Plan) -> None:
        self.site, self.clinic, self.old = site, clinic, old
        self.new = next_version(old)
        self.path = f"/playbooks/versions/{self.new.sha256}"

    def publish(self, *, approved: bool = True) -> None:
        self.clinic.publish(self.new, person("pat") if approved else None)

    def count(self, kind: str) -> int:
        with reading(self.clinic.engine) as session:
            query = select(func.count()).where(LedgerEventRow.kind == kind)
            return session.exec(query).one()


def _form(text: str) -> dict[str, str]:
    found: Iterator[tuple[str, str]] = re.finditer(  # type: ignore[assignment]
        r'name="(click|seen)" value="(\w+)"', text.partition('id="sign"')[2]
    )
    return {one[1]: one[2] for one in found}  # type: ignore[misc]


async def test_months_are_looked_at_signed_for_and_moved_once(moving: Moving) -> None:
    moving.publish()
    lead = moving.site.signed_in("elm.lee")
    version = lead.get(moving.path).text
    assert "2 running months are on another version" in version
    shown = lead.get(f"{moving.path}/move").text
    assert "2 running months would go on by version" in shown
    assert "Look at the chart" in shown
    assert "Family0" in shown
    with reading(moving.clinic.engine) as session:
        seen = select(func.count()).where(AccessLogRow.what == AccessEvent.PATIENT_SEEN)
        assert session.exec(seen).one() == 2
    assert moving.count("plan_changed") == 0

    form = _form(shown)
    wrong = lead.post(f"{moving.path}/move", data={**form, "name": "Lea Someone"})
    assert wrong.status_code == 422
    assert "The name does not match." in wrong.text
    assert 'value="Lea Someone"' in wrong.text
    done = lead.post(f"{moving.path}/move", data={**form, "name": "Lee"})
    again = lead.post(f"{moving.path}/move", data={**form, "name": "Lee"})
    assert done.status_code == again.status_code == 303
    assert done.headers["location"] == again.headers["location"]
    result = lead.get(done.headers["location"]).text
    assert "Of 2 running months: 2 moved." in result
    assert "Signed by Lee" in result
    assert moving.count("plan_changed") == 2
    after = lead.get(f"{moving.path}/move").text
    assert "Every running month of this playbook is on this version already." in after
    assert "2 moved by Lee" in lead.get(moving.path).text


async def test_without_a_second_person_or_with_other_months_nothing_is_signed(
    moving: Moving,
) -> None:
    moving.publish(approved=False)
    lead = moving.site.signed_in("elm.lee")
    shown = lead.get(f"{moving.path}/move").text
    assert "Nobody but you approved this version." in shown
    assert 'name="seen"' not in shown
    typed = {"click": uuid.uuid4().hex, "seen": "something else", "name": "Lee"}
    assert lead.post(f"{moving.path}/move", data=typed).status_code == 422
    assert lead.post(f"{moving.path}/move", data={}).status_code == 422
    with reading(moving.clinic.engine) as session:
        assert session.exec(select(func.count()).select_from(MoveOrderRow)).one() == 0


async def test_a_patient_and_a_step_that_was_withdrawn_are_still_shown(moving: Moving) -> None:
    moving.publish()
    lead = moving.site.signed_in("elm.lee")
    form = _form(lead.get(f"{moving.path}/move").text)
    lead.post(f"{moving.path}/move", data={**form, "name": "Lee"})
    moving.new = next_version(moving.old, with_look=False)
    moving.path = f"/playbooks/versions/{moving.new.sha256}"
    moving.publish()
    shown = lead.get(f"{moving.path}/move").text
    assert "withdrawn" in shown
    lead.post(f"{moving.path}/move", data={**_form(shown), "name": "Lee"})

    cycle = moving.clinic.cycles[0]
    step = lead.get(f"/steps/{cycle}/look")
    assert step.status_code == 200
    assert "Look at the chart" in step.text
    enrollment = cycle.split(":")[1]
    told = lead.get(f"/patients/{enrollment}?show=history").text
    assert "Look at the chart: withdrawn undone (version" in told
    assert "the month goes on by version" in told
    month = "/clinics/elm/months/2037-12"
    for page in (f"/patients/{enrollment}", "/work", month, f"{month}/readiness", f"{month}/leaks"):
        assert lead.get(page).status_code == 200, page


async def test_months_that_were_not_reached_are_told_later(moving: Moving) -> None:
    moving.publish()
    lead = moving.site.signed_in("elm.lee")
    form = _form(lead.get(f"{moving.path}/move").text)
    moving.clinic.flow.away = True
    assert "cannot be reached" in lead.get(f"{moving.path}/move").text
    done = lead.post(f"{moving.path}/move", data={**form, "name": "lee"}).headers["location"]
    shown = lead.get(done).text
    assert "2 not reached" in shown
    moving.clinic.flow.away = False
    assert lead.post(f"{done}/on", data={}).status_code == 303
    assert "2 moved" in lead.get(done).text
    assert moving.count("plan_changed") == 2
