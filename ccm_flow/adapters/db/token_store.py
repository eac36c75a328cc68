"""Tokens of other programs, and their requests, in the database."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.once import once
from ccm_flow.adapters.db.tables import ApiRequestRow, ApiTokenRow
from ccm_flow.adapters.sealing import Sealer
from ccm_flow.app.api_tokens import (
    Answered,
    ApiToken,
    MadeAlreadyError,
    MadeToken,
    NewToken,
    NoSuchTokenError,
    OtherRequestError,
    StillWorkingError,
)
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.scopes import Scope
from ccm_flow.core.webhooks import make_secret

_SECRET_BYTES = 32


class SqlTokens:
    """Implements `ccm_flow.app.api_tokens.TokenStore`."""

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        self._engine = engine
        self._sealer = sealer

    def add(self, new: NewToken, token_hash: str, now: datetime) -> MadeToken:
        """Keep a token."""
        signing = make_secret(os.urandom(_SECRET_BYTES)) if new.signs else None
        row = ApiTokenRow(
            id=id_from(new.click),
            clinic_id=new.clinic,
            person_id=new.person,
            name=new.name.strip(),
            token_hash=token_hash,
            signing_secret=self._sealer.seal(signing) if signing else None,
            scopes=sorted(scope.value for scope in new.scopes),
            created_at=now,
            created_by=new.by,
            expires_at=now + new.lasts,
        )
        token = _token(row)
        with writing(self._engine) as session:
            if session.get(ApiTokenRow, row.id) is not None:
                raise MadeAlreadyError
            session.add(row)
        return MadeToken(token, "", signing)

    def by_hash(self, token_hash: str) -> ApiToken | None:
        """Find a token by its secret's hash."""
        with reading(self._engine) as session:
            query = select(ApiTokenRow).where(ApiTokenRow.token_hash == token_hash)
            row = session.exec(query).first()
            return None if row is None else _token(row)

    def signing(self, token: str) -> tuple[ApiToken, str] | None:
        """Give a token and its signing secret, if it has one."""
        with reading(self._engine) as session:
            row = session.get(ApiTokenRow, token)
            if row is None or row.signing_secret is None:
                return None
            return _token(row), self._sealer.unseal(row.signing_secret)

    def of(self, clinic: ClinicId) -> Sequence[ApiToken]:
        """List a clinic's tokens, the newest first."""
        query = select(ApiTokenRow).where(ApiTokenRow.clinic_id == clinic)
        with reading(self._engine) as session:
            rows = session.exec(query.order_by(col(ApiTokenRow.created_at).desc()))
            return [_token(row) for row in rows]

    def seen(self, token: str, now: datetime) -> None:
        """Note that a token was used."""
        with writing(self._engine) as session:
            session.get_one(ApiTokenRow, token).last_used_at = now

    def revoke(self, token: str, clinic: ClinicId, by: PersonId | None, now: datetime) -> ApiToken:
        """
        End a token for good; a second time changes nothing.

        Raises:
            NoSuchTokenError: the clinic has no such token.
        """
        with writing(self._engine) as session:
            row = _found(session, token, clinic)
            if row.revoked_at is None:
                row.revoked_at, row.revoked_by = now, by
            return _token(row)

    def begin(
        self, token: str, key: str, request: str, now: datetime, lasts: timedelta
    ) -> Answered | None:
        """Begin a request, or give what it was answered before."""
        try:
            with writing(self._engine) as session:
                row = session.get(ApiRequestRow, (token, key), with_for_update=True)
                if row is None:
                    session.add(
                        ApiRequestRow(
                            token_id=token, key_hash=key, request_hash=request, begun_at=now
                        )
                    )
                    return None
                return _taken_up(row, request, now, lasts)
        except IntegrityError:  # somebody else began it in the same instant
            raise StillWorkingError from None

    def finish(self, token: str, key: str, answer: Answered | None) -> None:
        """Keep a request's answer, or that it broke off."""
        with writing(self._engine) as session:
            row = session.get_one(ApiRequestRow, (token, key))
            row.begun_at = None
            if answer is not None:
                row.status, row.answer = answer.status, dict(answer.body)


def id_from(click: str) -> str:
    """Give the id of what a click makes; a new one without a click."""
    return once("connection", click or None)


def _taken_up(row: ApiRequestRow, request: str, now: datetime, lasts: timedelta) -> Answered | None:
    if row.request_hash != request:
        raise OtherRequestError
    if row.status is not None:
        return Answered(row.status, row.answer)
    if row.begun_at is not None and now - row.begun_at < lasts:
        raise StillWorkingError
    row.begun_at = now
    return None


def _found(session: Session, token: str, clinic: ClinicId) -> ApiTokenRow:
    query = select(ApiTokenRow).where(ApiTokenRow.clinic_id == clinic)
    rows = [row for row in session.exec(query) if token and row.id.startswith(token)]
    if len(rows) != 1:
        raise NoSuchTokenError(token)
    return rows[0]


def _token(row: ApiTokenRow) -> ApiToken:
    return ApiToken(
        id=row.id,
        clinic=row.clinic_id,
        person=row.person_id,
        name=row.name,
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        signs=row.signing_secret is not None,
    )
