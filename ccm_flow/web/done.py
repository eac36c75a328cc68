"""What a person has just done, as the page that comes next tells it."""

from ccm_flow.adapters.db.views_done import DoneNotice, done_notice
from ccm_flow.core.access import Permission
from ccm_flow.core.ids import ClickId
from ccm_flow.web.visit import Visit


def notice_of(visit: Visit, click: str) -> DoneNotice | None:
    """Tell of a person's own click at a clinic they may see; the address holds its id alone."""
    if not click:
        return None
    found = done_notice(visit.parts.base.engine, ClickId(click), visit.visitor.person)
    if found is None or not visit.visitor.may(Permission.SEE_WORK, found.clinic):
        return None
    return found
