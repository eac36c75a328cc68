"""Who published what is kept for ever, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from ccm_flow.adapters.db.migrate import downgrade, upgrade
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.views_playbooks import shelf
from ccm_flow.adapters.playbook_library import shipped_playbooks
from ccm_flow.app.clinic_setup import ClinicFile, StaffFile
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month

ELM = ClinicId("elm")
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def published(engine: Engine) -> Engine:
    """Give a database whose clinic uses two playbooks."""
    store = SqlClinicStore(engine)
    staff = (StaffFile(id="lee", name="Lee Moss", roles=("program_lead",)),)
    store.apply(
        ClinicFile(
            clinic="elm",
            name="Elm",
            time_zone="America/New_York",
            program_owner="lee",
            staff=staff,
        ),
        NOW,
    )
    for name in ("ccm_monthly", "enrollment"):
        result = shipped_playbooks()[name]
        assert result.plan is not None
        store.publish(ELM, result.plan, result.merged_text, Month(2026, 12), NOW)
    return engine


def test_what_was_published_before_there_was_a_list_is_on_it(published: Engine) -> None:
    before = {one.version.sha256 for one in shelf(published, ELM).published}
    downgrade(published, "0010")
    upgrade(published)
    found = shelf(published, ELM).published
    assert {one.version.sha256 for one in found} == before
    assert {(one.at, one.from_month) for one in found} == {(NOW, Month(2026, 12))}


@pytest.mark.parametrize(
    "change",
    ["UPDATE playbook_publication SET note = 'other'", "DELETE FROM playbook_publication"],
)
def test_the_list_cannot_be_changed(published: Engine, change: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), published.begin() as connection:
        connection.execute(text(change))
