"""The staff's accounts: who has one, inviting, disabling, access roles."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from ccm_flow.adapters.db.views_access_log import access_log
from ccm_flow.adapters.db.views_people import PAGE, people_list, person_view
from ccm_flow.adapters.db.views_places import place_names
from ccm_flow.app.access_log import LogWanted
from ccm_flow.app.mail import MailError
from ccm_flow.app.people import GIVEN_ROLES, PeopleOffice, PersonView, where_text
from ccm_flow.core.access import AccessRole, Grant, Permission
from ccm_flow.core.credentials import CREDENTIAL_TITLES
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.reach import places_within
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter()
Managing = Annotated[Visit, needs(Permission.MANAGE_PEOPLE)]
_SAID = {
    "disabled": "The account is disabled. Whoever was signed in under it is signed out.",
    "codes": "The one-time codes are reset. The next sign-in asks for the password alone.",
    "granted": "The role is given.",
    "withdrawn": "The role is taken back.",
    "bound": "The single sign-on identity is kept.",
}
_LINES = 20


class PeopleLooking(BaseModel):
    """Which people somebody wants to see."""

    everybody: bool = False
    start: int = Field(default=0, ge=0, le=1_000_000)


@router.get("/people")
def show_people(
    request: Request, visit: Managing, looking: Annotated[PeopleLooking, Query()]
) -> Response:
    """List who can reach the clinic; administrators may list everybody."""
    everybody = looking.everybody and _is_everywhere(visit)
    clinic = None if everybody else _clinic(visit)
    found = people_list(
        visit.parts.base.engine, visit.parts.wall.now(), clinic=clinic, start=looking.start
    )
    return page(
        request,
        "people",
        visit,
        people=_as_seen(visit, found[:PAGE]),
        more=looking.start + PAGE if len(found) > PAGE else None,
        start=looking.start,
        page_size=PAGE,
        everybody=everybody,
        may_see_everybody=_is_everywhere(visit),
        clinic=clinic,
        credentials=CREDENTIAL_TITLES,
        gifts=_named(_gifts(visit)),
        named=place_names(visit.parts.base.engine),
    )


@router.post("/people")
def invite_newcomer(
    request: Request,
    visit: Managing,
    *,
    name: Annotated[str, Form(max_length=200)],
    email: Annotated[str, Form(max_length=200)],
    role: Annotated[str, Form()] = "",
) -> Response:
    """Invite somebody who is on no clinic's file, with one role to begin with."""
    office, now, by = _office(visit), visit.parts.wall.now(), visit.visitor.person
    grant = _read_grant(role)
    if grant not in _gifts(visit):
        raise NotFoundError
    office.check_username(email)
    person = visit.parts.people.new_person(name.strip(), email.strip(), _clinic(visit), now)
    office.grant(person, grant, by, now)
    return _invited(request, visit, person, email)


@router.get("/people/{person}")
def show_person(request: Request, visit: Managing, person: str, said: str = "") -> Response:
    """Show one person's account with what happened to it lately."""
    return _person(request, visit, PersonId(person), said=said)


@router.post("/people/{person}/invite")
def invite(
    request: Request, visit: Managing, person: str, username: Annotated[str, Form()]
) -> Response:
    """Make an invitation; its link is shown on this one page and nowhere else."""
    _seen(visit, PersonId(person))
    try:
        return _invited(request, visit, PersonId(person), username)
    except CcmError as problem:
        return _person(request, visit, PersonId(person), problem=problem, username=username)


@router.post("/people/{person}/disable")
def disable(request: Request, visit: Managing, person: str) -> Response:
    """End the person's access at once."""
    _seen(visit, PersonId(person))
    _office(visit).disable(PersonId(person), visit.visitor.person, visit.parts.wall.now())
    return go_to(request, f"/people/{person}", said="disabled")


@router.post("/people/{person}/codes")
def reset_codes(request: Request, visit: Managing, person: str) -> Response:
    """Forget the authenticator of somebody who lost theirs."""
    _seen(visit, PersonId(person))
    _office(visit).reset_codes(PersonId(person), visit.visitor.person, visit.parts.wall.now())
    return go_to(request, f"/people/{person}", said="codes")


@router.post("/people/{person}/sign-on")
def bind_sign_on(
    request: Request, visit: Managing, person: str, subject: Annotated[str, Form(max_length=500)]
) -> Response:
    """Bind a single sign-on identity to the account."""
    _seen(visit, PersonId(person))
    issuer = visit.parts.sign_on.issuer if visit.parts.sign_on else ""
    whole = f"{issuer} {subject.strip()}" if subject.strip() else ""
    now = visit.parts.wall.now()
    _office(visit).bind(PersonId(person), whole, visit.visitor.person, now)
    return go_to(request, f"/people/{person}", said="bound")


@router.post("/people/{person}/grant")
def grant(request: Request, visit: Managing, person: str, role: Annotated[str, Form()]) -> Response:
    """Give an access role."""
    _seen(visit, PersonId(person))
    wanted, now = _read_grant(role), visit.parts.wall.now()
    if wanted is None:
        raise NotFoundError
    _office(visit).grant(PersonId(person), wanted, visit.visitor.person, now)
    return go_to(request, f"/people/{person}", said="granted")


@router.post("/people/{person}/withdraw")
def withdraw(
    request: Request, visit: Managing, person: str, given: Annotated[str, Form()]
) -> Response:
    """Take an access role back."""
    view = _seen(visit, PersonId(person))
    if given in {one.id for one in view.given}:
        _office(visit).withdraw(given, visit.visitor.person, visit.parts.wall.now())
    return go_to(request, f"/people/{person}", said="withdrawn")


def _person(
    request: Request,
    visit: Visit,
    person: PersonId,
    *,
    said: str = "",
    problem: CcmError | None = None,
    username: str | None = None,
) -> Response:
    view = _seen(visit, person)
    shown = username or view.username or view.email or ""
    wanted = LogWanted(
        visit.visitor.clinics(Permission.MANAGE_PEOPLE),
        person=person,
        places=places_within(visit, Permission.MANAGE_PEOPLE),
    )
    return page(
        request,
        "person",
        visit,
        status=409 if problem else 200,
        person=view,
        said=_SAID.get(said, ""),
        problem=problem,
        username=shown,
        may_change=_office(visit).may_change(visit.visitor.person, person),
        gifts=_named(_gifts(visit)),
        named=place_names(visit.parts.base.engine),
        takeable={one.id for one in view.given if _takeable(visit, person, one.grant)},
        lines=access_log(visit.parts.base.engine, wanted, start=0, patients_at=())[:_LINES],
        sign_on=visit.parts.sign_on,
        credentials=CREDENTIAL_TITLES,
    )


def _invited(request: Request, visit: Visit, person: PersonId, username: str) -> Response:
    office, now = _office(visit), visit.parts.wall.now()
    token = office.invite(person, username, visit.visitor.person, now)
    view = person_view(visit.parts.base.engine, person, now)
    if view is None:
        raise NotFoundError
    link = f"{visit.parts.public_address(request)}/invitation/{token}"
    mailed, problem = False, None
    if view.email:
        try:
            mailed = visit.parts.mail_invitation(view.email, token)
        except MailError as error:
            problem = error
    return page(request, "invited", visit, person=view, link=link, mailed=mailed, problem=problem)


def _office(visit: Visit) -> PeopleOffice:
    return PeopleOffice(visit.parts.people, visit.parts.door)


def _clinic(visit: Visit) -> ClinicId:
    if visit.clinic is None:
        raise NotFoundError
    return visit.at(visit.clinic, Permission.MANAGE_PEOPLE)


def _is_everywhere(visit: Visit) -> bool:
    return AccessRole.ADMINISTRATOR in visit.visitor.everywhere


def _seen(visit: Visit, person: PersonId) -> PersonView:
    """Give a person of a clinic where the visitor manages people; others do not exist."""
    view = person_view(visit.parts.base.engine, person, visit.parts.wall.now())
    if view is None:
        raise NotFoundError
    if _is_everywhere(visit):
        return view
    theirs = visit.parts.accounts.visitor(person).roles
    if not set(theirs) & set(visit.visitor.clinics(Permission.MANAGE_PEOPLE)):
        raise NotFoundError
    return _as_seen(visit, [view])[0]


def _as_seen(visit: Visit, views: Sequence[PersonView]) -> list[PersonView]:
    """Leave out what people are at clinics and organizations that do not exist for the visitor."""
    places = places_within(visit, Permission.MANAGE_PEOPLE)
    if places is None:
        return list(views)
    here = set(visit.visitor.clinics(Permission.MANAGE_PEOPLE))
    return [
        replace(
            view,
            staff_roles=tuple(one for one in view.staff_roles if one[0] in here),
            given=tuple(one for one in view.given if where_text(one.grant) in places),
        )
        for view in views
    ]


def _gifts(visit: Visit) -> list[Grant]:
    """Give the roles that the visitor may give."""
    held = visit.parts.people.grants(visit.visitor.person)
    organizations = {one.organization for one in held if one.organization is not None}
    organizations |= set(visit.parts.people.clinics().values())
    wanted = [
        grant
        for role in GIVEN_ROLES
        for grant in (
            [Grant(role)]
            if role is AccessRole.ADMINISTRATOR
            else [Grant(role, organization=one) for one in sorted(organizations)]
        )
    ]
    return _office(visit).choices(visit.visitor.person, wanted)


def _takeable(visit: Visit, person: PersonId, given: Grant) -> bool:
    own = person == visit.visitor.person
    return not own and bool(_office(visit).choices(visit.visitor.person, [given]))


def _named(grants: list[Grant]) -> list[tuple[str, Grant]]:
    return [(f"{one.role.value}|{one.organization or ''}", one) for one in grants]


def _read_grant(text: str) -> Grant | None:
    role, _, organization = text.partition("|")
    if role not in set(AccessRole):
        return None
    return Grant(AccessRole(role), organization=OrganizationId(organization) or None)
