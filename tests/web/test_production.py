"""Nothing of a demo, and nothing that others can read or guess, ever serves patients."""

from pathlib import Path

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.tables import SettingRow
from ccm_flow.adapters.keys import read_keys
from ccm_flow.bootstrap import Settings
from ccm_flow.cli.work.production import NotForPatientsError, check_accounts, check_settings
from ccm_flow.core.ids import PersonId
from ccm_flow.demo.sign_ins import DEMO_HASH, SIGN_INS
from tests.web.conftest import Site


def settings(home: Path, **environ: str) -> Settings:
    return Settings.from_environ({"CCM_HOME": str(home), **environ})


def test_a_clean_set_up_is_served(site: Site) -> None:
    read_keys(site.parts.base.settings.key_file)
    assert check_settings(site.parts.base.settings, {"PATH": "/"}) == []
    site.account("elm.maria")
    assert check_accounts(site.parts.base) == []


def test_all_reasons_are_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "demo").touch()
    (tmp_path / SIGN_INS).write_text("{}")
    (tmp_path / "payload.key").touch(mode=0o644)
    wrong = settings(
        tmp_path,
        CCM_DATABASE_URL="postgresql://ccm:ccm@db/ccm",
        CCM_PUBLIC_URL="http://ccm.test",
    )
    found = check_settings(wrong, {"CCM_TEMPORAL_DATABASE_PASSWORD": "temporal"})
    assert len(found) == 6
    said = str(NotForPatientsError(found))
    assert all(reason in said for reason in found)


def test_the_demos_password_is_found_without_its_file(site: Site) -> None:
    site.account("elm.maria")
    site.parts.accounts.set_password(PersonId("elm.maria"), "a hash", site.clock.now())
    with writing(site.parts.base.engine) as session:
        session.merge(SettingRow(key=DEMO_HASH, value="a hash"))
    found = check_accounts(site.parts.base)
    assert found == ["The demo's password still opens the accounts of Maria Lopez."]
