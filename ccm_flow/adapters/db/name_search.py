"""
Finding patients by what somebody typed, and putting them in the order of their names.

Where names are sealed the database can do neither: then the names of the one clinic are read and
opened for it. That costs some microseconds for each patient of the clinic, and loses nothing.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement
from sqlmodel import Session, case, col, func, select

from ccm_flow.adapters.db.shield import shield_of
from ccm_flow.adapters.db.tables import PatientRow
from ccm_flow.core.ids import ClinicId

MOST_IN_ORDER: Final = 10_000
"""Sealed names of more patients than these are not put in order: a query has its limits."""


class Names:
    """The names of a clinic's patients."""

    def __init__(self, session: Session, clinic: ClinicId) -> None:
        self._session = session
        self._clinic = clinic

    def fits(self, word: str) -> ColumnElement[bool]:
        """Choose the patients with a word in their name, or at the beginning of their number."""
        if not self._are_sealed:
            return (
                col(PatientRow.family_name).icontains(word, autoescape=True)
                | col(PatientRow.given_name).icontains(word, autoescape=True)
                | col(PatientRow.mrn).istartswith(word, autoescape=True)
            )
        low = word.lower()
        found = [
            id_
            for id_, family, given, mrn in self._opened
            if low in family.lower() or low in given.lower() or mrn.lower().startswith(low)
        ]
        return col(PatientRow.id).in_(found)

    def order(self) -> list[ColumnElement[Any]]:
        """Give what a query is ordered by, to come in the order of names."""
        if not self._are_sealed:
            return [func.lower(col(PatientRow.family_name)), func.lower(col(PatientRow.given_name))]
        ranked = sorted(self._opened, key=lambda one: (one[1].lower(), one[2].lower()))
        places = {id_: place for place, (id_, *_) in enumerate(ranked[:MOST_IN_ORDER])}
        if not places:
            return [col(PatientRow.id).asc()]
        return [case(places, value=col(PatientRow.id), else_=MOST_IN_ORDER)]

    @property
    def _are_sealed(self) -> bool:
        return shield_of(self._session.get_bind().dialect).seals

    @cached_property
    def _opened(self) -> Sequence[Any]:
        query = select(PatientRow.id, PatientRow.family_name, PatientRow.given_name, PatientRow.mrn)
        return self._session.exec(query.where(PatientRow.clinic_id == self._clinic)).all()
