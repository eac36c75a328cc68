"""Sign-ins for the demo's staff. One password for all of them, made anew for each set-up."""

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ccm_flow.adapters.db.account_store import SqlAccounts
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.tables import SettingRow
from ccm_flow.adapters.db.views import staff_of
from ccm_flow.adapters.secrets import Argon2Secrets
from ccm_flow.app.view_text import words
from ccm_flow.bootstrap import Base
from ccm_flow.core.ids import ClinicId

SIGN_INS: Final = "demo-sign-ins.json"
"""In the folder of the set-up: who can sign in, and with which password."""
DEMO_HASH: Final = "demo_password_hash"
"""The setting that tells the demo's password apart, also where the file is gone."""
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 3


def make_sign_ins(base: Base, clinics: Sequence[ClinicId]) -> None:
    """Give everybody on the staff an account, and write down how to sign in."""
    accounts, now = SqlAccounts(base.engine), base.clock.now()
    password = _password()
    hashed = Argon2Secrets().hash_password(password)
    with writing(base.engine) as session:
        session.merge(SettingRow(key=DEMO_HASH, value=hashed))
    people = []
    for clinic in clinics:
        for member in staff_of(base.engine, clinic):
            username = member.person.removeprefix(f"{clinic}.")
            accounts.open_account(member.person, username, now)
            accounts.set_password(member.person, hashed, now)
            roles = ", ".join(sorted(words(role) for role in member.roles))
            people.append({"username": username, "name": member.name, "roles": roles})
    file = base.settings.home / SIGN_INS
    file.touch(mode=0o600)
    file.write_text(json.dumps({"password": password, "people": people}, indent=1))


def shown_sign_ins(home: Path) -> list[str]:
    """Say how to sign in to the demo; nothing when no sign-ins were made."""
    try:
        known = json.loads((home / SIGN_INS).read_text())
    except FileNotFoundError:
        return []
    lines = ["", f"Demo sign-ins, all with the password {known['password']}"]
    wide = max(len(person["username"]) for person in known["people"])
    lines += [
        f"  {person['username']:<{wide}}  {person['name']}, {person['roles']}"
        for person in known["people"]
    ]
    return [*lines, ""]


def _password() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(_GROUPS))
    return "-".join(groups)
