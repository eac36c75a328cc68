"""What clinics and organizations are called."""

from sqlalchemy import Engine
from sqlmodel import select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import ClinicRow, OrganizationRow
from ccm_flow.app.people import PlaceNames
from ccm_flow.core.access import told_apart
from ccm_flow.core.ids import ClinicId, OrganizationId


def place_names(engine: Engine) -> PlaceNames:
    """Give every clinic's and organization's name; who may see which is the caller's to say."""
    with reading(engine) as session:
        clinics = session.exec(select(ClinicRow.id, ClinicRow.name)).all()
        organizations = session.exec(select(OrganizationRow.id, OrganizationRow.name)).all()
    return PlaceNames(
        told_apart({ClinicId(id_): name for id_, name in clinics}),
        told_apart({OrganizationId(id_): name for id_, name in organizations}),
    )
