"""Tokens and webhooks, for people."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ccm_flow.adapters.db.account_store import SqlAccounts
from ccm_flow.adapters.db.endpoint_store import SqlEndpoints
from ccm_flow.adapters.db.token_store import SqlTokens
from ccm_flow.adapters.webhook_sender import check_url
from ccm_flow.app.api_tokens import ApiToken, NewToken, make_token
from ccm_flow.app.view_text import clinic_time, words
from ccm_flow.app.webhooks import NewEndpoint
from ccm_flow.bootstrap import Base, SystemClock, sealer
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, choose_person, open_set_up, short, zone_of
from ccm_flow.cli.work.tables import QUIET, Listing
from ccm_flow.cli.work.words import BadWordError
from ccm_flow.core.scopes import Scope
from ccm_flow.core.webhooks import HookEvent

_ID = 8
"""So much of an id tells things of one clinic apart."""


@dataclass(frozen=True)
class Wanted:
    """What somebody typed for a token."""

    name: str
    scopes: str
    by: str
    days: int
    signs: bool


def create(wanted: Wanted, clinic_id: str | None, *, as_json: bool) -> None:
    """Make a token."""
    scopes = frozenset(_scope(part) for part in wanted.scopes.split(","))
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id).clinic
    person = choose_person(base, clinic, wanted.by).person
    new = NewToken(
        clinic=clinic,
        person=person,
        name=wanted.name,
        scopes=scopes,
        lasts=timedelta(days=max(0, min(wanted.days, 10_000))),
        by=None,
        signs=wanted.signs,
    )
    acting = SqlAccounts(base.engine).visitor(person)
    made = make_token(_tokens(base), new, acting, None, SystemClock().now())
    if as_json:
        emit(
            {
                "token": made.token,
                "secret": made.secret,
                "signing_secret": made.signing_secret,
            }
        )
        return
    say(f"The token, shown this once:\n\n  {made.secret}\n")
    if made.signing_secret:
        say(f"The signing secret, shown this once:\n\n  {made.signing_secret}\n")
    say(f"Its id is {made.token.id[:_ID]}; it works until {made.token.expires_at:%Y-%m-%d}.")


def _scope(text: str) -> Scope:
    try:
        return Scope(text.strip())
    except ValueError:
        known = ", ".join(scope.value for scope in Scope)
        raise BadWordError(f"'{text}' is not a scope.", f"Choose from: {known}.") from None


def list_tokens(clinic_id: str | None, *, as_json: bool) -> None:
    """List a clinic's tokens."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    found = _tokens(base).of(clinic.clinic)
    if as_json:
        emit(found)
        return
    zone, now = zone_of(clinic), datetime.now(UTC)
    say(f"{clinic.name}: {len(found)} tokens")
    listing = Listing("Token", "For", "Acts for", "May", "Last used", "State", keep=["Token"])
    for token in found:
        used = clinic_time(token.last_used_at, zone) if token.last_used_at else "never"
        listing.add(
            token.id[:_ID],
            token.name,
            short(token.person, clinic.clinic),
            ", ".join(sorted(token.scopes)),
            used,
            _state(token, now),
            style="" if token.works(now) else QUIET,
        )
    if found:
        listing.print()


def _state(token: ApiToken, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "works" if token.works(now) else "expired"


def revoke(token: str, clinic_id: str | None, *, as_json: bool) -> None:
    """End a token."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id).clinic
    ended = _tokens(base).revoke(token, clinic, None, SystemClock().now())
    if as_json:
        emit(ended)
    else:
        say(f"The token for '{ended.name}' no longer works.")


def add(url: str, events: str, clinic_id: str | None, *, as_json: bool) -> None:
    """Tell another system what happens."""
    base = open_set_up()
    checked = check_url(url, private=base.settings.private_webhooks)
    clinic = choose_clinic(base, clinic_id).clinic
    new = NewEndpoint(clinic, checked, _events(events), None)
    endpoint, secret = _endpoints(base).add(new, SystemClock().now())
    if as_json:
        emit({"endpoint": endpoint, "secret": secret})
        return
    say(f"The signing secret, shown this once:\n\n  {secret}\n")
    say(f"What happens from now on is sent to {endpoint.url}; its id is {endpoint.id[:_ID]}.")


def _events(text: str) -> frozenset[HookEvent]:
    if text.strip() == "all":
        return frozenset(HookEvent)
    known = {event.value: event for event in HookEvent}
    chosen = [part.strip() for part in text.split(",")]
    for part in chosen:
        if part not in known:
            raise BadWordError(
                f"'{part}' is not an event.", f"Choose all, or from: {', '.join(known)}."
            )
    return frozenset(known[part] for part in chosen)


def list_endpoints(clinic_id: str | None, *, as_json: bool) -> None:
    """List where events are sent."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    found = _endpoints(base).of(clinic.clinic)
    if as_json:
        emit(found)
        return
    say(f"{clinic.name}: {len(found)} endpoints")
    numbers = ["Waiting", "Given up"]
    listing = Listing("Endpoint", "Where", "Told of", *numbers, keep=["Endpoint"], numbers=numbers)
    for one in found:
        told = "all" if one.events == frozenset(HookEvent) else ", ".join(sorted(one.events))
        listing.add(one.id[:_ID], one.url, told, one.waiting, one.given_up)
    if found:
        listing.print()


def log(limit: int, clinic_id: str | None, *, as_json: bool) -> None:
    """List the newest messages."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    found = _endpoints(base).log(clinic.clinic, limit)
    if as_json:
        emit(found)
        return
    say(f"{clinic.name}: the newest {len(found)} messages")
    listing = Listing("Endpoint", "Message", "Made", "State", "Last answer", keep=["Endpoint"])
    zone = zone_of(clinic)
    for one in found:
        listing.add(
            one.endpoint[:_ID],
            one.event_id,
            clinic_time(one.made_at, zone),
            words(one.state),
            one.last_answer,
        )
    if found:
        listing.print()


def resend(endpoint: str, message: str, clinic_id: str | None, *, as_json: bool) -> None:
    """Send a message once more."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id).clinic
    _endpoints(base).send_again(endpoint, message, clinic, SystemClock().now())
    if as_json:
        emit({"endpoint": endpoint, "message": message})
    else:
        say("The worker sends it again within seconds.")


def remove(endpoint: str, clinic_id: str | None, *, as_json: bool) -> None:
    """Send nothing more to an endpoint."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id).clinic
    _endpoints(base).end(endpoint, clinic, None, SystemClock().now())
    if as_json:
        emit({"endpoint": endpoint})
    else:
        say("Nothing more is sent there.")


def _tokens(base: Base) -> SqlTokens:
    return SqlTokens(base.engine, sealer(base.settings))


def _endpoints(base: Base) -> SqlEndpoints:
    return SqlEndpoints(base.engine, sealer(base.settings))
