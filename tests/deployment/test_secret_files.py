"""Every secret can stand in a file, and no other way of giving it is guessed at."""

from pathlib import Path

import pytest

from ccm_flow.adapters.db.engine import DatabaseUrlError
from ccm_flow.adapters.secret_files import SECRETS, SecretFileError, with_secrets
from ccm_flow.bootstrap import Settings, open_base
from ccm_flow.cli.work.production import check_settings
from ccm_flow.core.errors import CcmError

URL = "postgresql://ccm@db:5432/ccm"


def settings(home: Path, **environ: str) -> Settings:
    return Settings.from_environ({"CCM_HOME": str(home), **environ})


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_from_a_file_is_as_good_as_one_from_a_setting(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("quiet words\n")
    found = with_secrets({f"{name}_FILE": str(tmp_path / "secret"), "PATH": "/bin"})
    assert found[name] == "quiet words"
    assert found["PATH"] == "/bin"


def test_all_that_is_wrong_with_secret_files_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(SecretFileError) as caught:
        with_secrets(
            {
                "CCM_SMTP_URL": "smtp://mail",
                "CCM_SMTP_URL_FILE": str(tmp_path / "empty"),
                "CCM_DATABASE_PASSWORD_FILE": str(tmp_path / "empty"),
                "TEMPORAL_API_KEY_FILE": str(tmp_path / "nowhere"),
            }
        )
    assert str(caught.value).count(".") == 3
    for name in ("CCM_SMTP_URL", "CCM_DATABASE_PASSWORD_FILE", "TEMPORAL_API_KEY_FILE"):
        assert name in str(caught.value)


def test_the_databases_password_comes_from_its_file_and_is_shown_nowhere(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p@ss/word")
    file = {"CCM_DATABASE_PASSWORD_FILE": str(tmp_path / "password")}
    found = settings(tmp_path, CCM_DATABASE_URL=URL, **file)
    assert found.database_url == "postgresql+pg8000://ccm:p%40ss%2Fword@db:5432/ccm"
    assert "p@ss" not in str(found.server.environ)


@pytest.mark.parametrize(
    "url", ["", "sqlite:///ccm.db", "postgresql://ccm:other@db/ccm"], ids=["none", "file", "twice"]
)
def test_a_password_that_has_no_place_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUrlError):
        settings(tmp_path, CCM_DATABASE_URL=url, CCM_DATABASE_PASSWORD="secret")  # noqa: S106


def test_a_secret_that_others_may_read_keeps_the_application_from_serving(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("four unrelated quiet words")
    file = {"CCM_DATABASE_PASSWORD_FILE": str(tmp_path / "password")}
    found = settings(tmp_path, CCM_DATABASE_URL=URL, **file)
    (tmp_path / "password").chmod(0o600)
    assert check_settings(found, {}) == []
    (tmp_path / "password").chmod(0o644)
    assert ["password can be read by others" in one for one in check_settings(found, {})] == [True]


def test_other_programs_wait_until_the_database_is_prepared(tmp_path: Path) -> None:
    waiting = settings(tmp_path, CCM_PREPARED="yes")
    with pytest.raises(CcmError, match="empty") as caught:
        open_base(waiting)
    assert "ccm prepare" in caught.value.hint
    open_base(settings(tmp_path)).engine.dispose()
    open_base(waiting).engine.dispose()
