"""Looking after accounts from the machine itself, which stands above every role."""

from ccm_flow.adapters.db.people_store import SqlPeople
from ccm_flow.adapters.db.views_people import everybody
from ccm_flow.adapters.secrets import Argon2Secrets
from ccm_flow.app.people import PeopleOffice, PersonView, where_text
from ccm_flow.app.sign_in import Door
from ccm_flow.app.view_text import words
from ccm_flow.bootstrap import Base, SystemClock
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, open_set_up
from ccm_flow.cli.work.tables import QUIET, Listing
from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId


class UnknownPersonError(CcmError):
    """Nobody is called that, or several people are."""

    exit_code = 4
    hint = "`ccm account list` shows everybody's id."


class UnknownRoleError(CcmError):
    """There is no such role to give."""

    exit_code = 2
    hint = "Give administrator, vendor_manager or clinic_owner; other roles come with the work."


def open_account(
    person: str, username: str, name: str | None, clinic: str | None, *, as_json: bool
) -> None:
    """Open an account, of somebody on the staff or of somebody new."""
    base = open_set_up()
    office, now = _office(base), SystemClock().now()
    if name is None:
        id_ = _choose(base, person, clinic).person
    else:
        home = choose_clinic(base, clinic).clinic
        office.check_username(username)
        email = username if "@" in username else ""
        id_ = SqlPeople(base.engine).new_person(name, email, home, now)
    _show_link(base, id_, office.invite(id_, username, None, now), as_json=as_json)


def invite(person: str, *, as_json: bool) -> None:
    """Make a new invitation."""
    base = open_set_up()
    view = _choose(base, person)
    if view.username is None:
        raise UnknownPersonError(f"{view.name} has no account yet.", "Use `ccm account open`.")
    token = _office(base).invite(view.person, view.username, None, SystemClock().now())
    _show_link(base, view.person, token, as_json=as_json)


def grant(
    person: str, role: str, clinic: str | None, organization: str | None, *, as_json: bool
) -> None:
    """Give a role."""
    base = open_set_up()
    view, wanted = _choose(base, person), _grant(base, role, clinic, organization)
    _office(base).grant(view.person, wanted, None, SystemClock().now())
    _done(view, f"{view.name} is {words(role)} {where_text(wanted)} now.", as_json=as_json)


def withdraw(
    person: str, role: str, clinic: str | None, organization: str | None, *, as_json: bool
) -> None:
    """Take a role back."""
    base = open_set_up()
    view, wanted = _choose(base, person), _grant(base, role, clinic, organization)
    given = next((one.id for one in view.given if one.grant == wanted), None)
    if given is None:
        held = ", ".join(_given_text(view)) or "none"
        raise UnknownPersonError(
            f"{view.name} is not {words(role)} {where_text(wanted)}.", f"Roles given: {held}."
        )
    _office(base).withdraw(given, None, SystemClock().now())
    text = f"{view.name} is no longer {words(role)} {where_text(wanted)}."
    _done(view, text, as_json=as_json)


def disable(person: str, *, as_json: bool) -> None:
    """End somebody's access."""
    base = open_set_up()
    view = _choose(base, person)
    _office(base).disable(view.person, None, SystemClock().now())
    _done(view, f"{view.name} can no longer sign in.", as_json=as_json)


def list_accounts(*, as_json: bool) -> None:
    """List everybody."""
    base = open_set_up()
    people = everybody(base.engine, SystemClock().now())
    if as_json:
        emit({"people": people})
        return
    table = Listing("Person", "Name", "Account", "Sign-in name", "Roles", "Last sign-in")
    for one in people:
        staff = [f"{words(role)} at {clinic}" for clinic, role in one.staff_roles]
        seen = one.last_sign_in
        table.add(
            one.person,
            one.name,
            words(one.state) if one.username else "no account",
            one.username or "",
            ", ".join([*staff, *_given_text(one)]),
            f"{seen:%Y-%m-%d %H:%M} UTC" if seen else "never",
            style="" if one.username else QUIET,
        )
    table.print()


def _given_text(view: PersonView) -> list[str]:
    return [f"{words(one.grant.role)} {where_text(one.grant)}" for one in view.given]


def _office(base: Base) -> PeopleOffice:
    store = SqlPeople(base.engine)
    return PeopleOffice(store, Door(store, Argon2Secrets()))


def _choose(base: Base, text: str, clinic: str | None = None) -> PersonView:
    """Find a person by id, with or without the clinic in front, or by sign-in name."""
    wanted = text.strip().lower()
    found = [
        one
        for one in everybody(base.engine, SystemClock().now())
        if wanted in {one.person, one.username}
        or (one.person.endswith(f".{wanted}") and (not clinic or one.person.startswith(clinic)))
    ]
    exact = [one for one in found if one.person == wanted]
    if len(exact or found) != 1:
        several = ", ".join(one.person for one in found)
        raise UnknownPersonError(
            f"'{text}' fits several people: {several}." if found else f"Nobody is called '{text}'."
        )
    return (exact or found)[0]


def _grant(base: Base, role: str, clinic: str | None, organization: str | None) -> Grant:
    if role not in set(AccessRole):
        raise UnknownRoleError(f"'{role}' is not a role that can be given.")
    clinics = SqlPeople(base.engine).clinics()
    if organization is not None and organization not in set(clinics.values()):
        known = ", ".join(sorted(set(clinics.values())))
        raise UnknownRoleError(f"There is no organization '{organization}'.", f"Known: {known}.")
    return Grant(
        AccessRole(role),
        clinic=ClinicId(choose_clinic(base, clinic).clinic) if clinic else None,
        organization=OrganizationId(organization) if organization else None,
    )


def _show_link(base: Base, person: PersonId, token: str, *, as_json: bool) -> None:
    link = f"{base.settings.public_url}/invitation/{token}"
    if as_json:
        emit({"person": person, "invitation": link})
        return
    say(f"Give this to {person}; it sets a password, once, within three days:")
    say(f"  {link}")
    if not base.settings.public_url:
        say("It follows the address at which people reach `ccm serve`.")


def _done(view: PersonView, text: str, *, as_json: bool) -> None:
    if as_json:
        emit({"person": view.person, "done": text})
    else:
        say(text)
