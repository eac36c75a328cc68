"""What patients are told before they agree: whole, in both languages, in the clinic's own name."""

import pytest

from ccm_flow.adapters.checked_yaml import RulesFileError
from ccm_flow.adapters.consent_texts import (
    consent_version,
    consent_versions,
    read_consent_versions,
)
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.templates import load_templates, render_script
from ccm_flow.core.consent import NOTE_FIELDS, Statement
from ccm_flow.language.template_fields import example_fields

TEMPLATES = load_templates(shipped("templates"))
TEXT = (shipped("rules") / "consent.yaml").read_text(encoding="utf-8")
SCRIPTS = ("enrollment/consent", "enrollment/introduction", "outreach/consent")
SAID = {
    "en": ("share", "one practice", "last day of that month", "any hour"),
    "es": ("pagar una parte", "Solo una clínica", "último día de ese mes", "cualquier hora"),
}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("statement", list(Statement))
def test_every_statement_has_words_in_both_languages(statement: Statement, language: str) -> None:
    for version in consent_versions():
        words = version.text(statement, language)
        assert len(words) > 30
        assert language == "en" or words != version.text(statement, "en")


def test_the_version_of_a_day_is_the_latest_that_began() -> None:
    newer = TEXT + TEXT.partition("versions:\n")[2].replace(
        "ccm-consent-1", "ccm-consent-2"
    ).replace("2020-01-01", "2030-01-01")
    assert [one.id for one in read_consent_versions(newer)] == ["ccm-consent-1", "ccm-consent-2"]
    assert consent_version(consent_versions()[0].since).id == "ccm-consent-1"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (TEXT.replace("cost_sharing", "costs"), "costs"),
        (TEXT.replace("        es: Es posible", "        fr: Es posible"), "'es' is missing"),
        (TEXT + TEXT.partition("versions:\n")[2], "is there twice"),
        (TEXT[: TEXT.index("      right_to_stop")], "has no 'right_to_stop'"),
    ],
)
def test_a_broken_version_says_where(text: str, sentence: str) -> None:
    with pytest.raises(RulesFileError, match=r"own\.yaml:\d+:\d+: .*" + sentence):
        read_consent_versions(text, "own.yaml")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_speak_in_the_clinics_own_name(name: str, language: str) -> None:
    """Rendered strictly: a field that is not there would be an error."""
    shown = render_script(TEMPLATES, name, language, example_fields())
    assert "Riverside Family Medicine" in shown
    assert "{" not in shown


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", ["enrollment/consent", "outreach/consent"])
def test_consent_scripts_say_all_four_statements(name: str, language: str) -> None:
    shown = render_script(TEMPLATES, name, language, example_fields())
    assert [words for words in SAID[language] if words not in shown] == []


def test_the_consent_note_confirms_every_statement() -> None:
    note = TEMPLATES.notes["consent"]
    assert [field for field in NOTE_FIELDS.values() if f"  {field}:" not in note] == []
