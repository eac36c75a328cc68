"""Scripts and notes: the shipped ones are whole, and no script can do more than show fields."""

import time
from pathlib import Path

import pytest

from ccm_flow.adapters.templates import (
    BadScriptError,
    UnknownScriptError,
    load_templates,
    render_script,
)
from ccm_flow.language import Templates, load_file
from ccm_flow.language.template_check import check_script
from ccm_flow.language.template_fields import example_fields
from tests.support.cpu import SOON

ROOT = Path(__file__).parents[2]
TEMPLATES = load_templates(ROOT / "templates")
PLAYBOOKS = sorted(
    path for path in (ROOT / "playbooks").glob("*.yaml") if not path.name.endswith(".tests.yaml")
)


@pytest.mark.parametrize("file", PLAYBOOKS, ids=lambda file: file.stem)
def test_shipped_playbooks_name_only_templates_there_are(file: Path) -> None:
    assert load_file(file, TEMPLATES).render() == ""


@pytest.mark.parametrize("name", sorted(TEMPLATES.scripts))
def test_every_shipped_script_is_there_in_english_and_spanish(name: str) -> None:
    assert set(TEMPLATES.scripts[name]) >= {"en", "es"}
    for language, text in TEMPLATES.scripts[name].items():
        assert check_script(text) == ()
        shown = render_script(TEMPLATES, name, language, example_fields())
        assert "{" not in shown
        assert "Riverside Family Medicine" in shown or "Maria" in shown


def test_a_script_speaks_in_the_clinics_own_name() -> None:
    shown = render_script(TEMPLATES, "outreach/monthly_call", "en", example_fields())
    assert "Ana, care coordinator at Riverside Family Medicine" in shown
    assert "Caregiver on file: Luis Alvarez" in shown


def test_another_language_falls_back_to_english() -> None:
    english = render_script(TEMPLATES, "outreach/consent", "en", example_fields())
    assert render_script(TEMPLATES, "outreach/consent", "zh", example_fields()) == english


def test_what_cannot_be_shown_is_said() -> None:
    with pytest.raises(UnknownScriptError, match="There is no script 'nowhere'"):
        render_script(TEMPLATES, "nowhere", "en", example_fields())
    with pytest.raises(BadScriptError, match=r"needs what is not there: patient\.name, "):
        render_script(TEMPLATES, "outreach/consent", "en", {})
    loop = Templates({"bad": {"en": "{% for a in b %}{% endfor %}"}})
    with pytest.raises(BadScriptError, match="line 1: A script cannot hold a loop"):
        render_script(loop, "bad", "en", example_fields())


FINE = [
    "",
    "Plain text, even with { braces } and 100 %.",
    "{{ patient.first_name }} {{ clinic.name | upper }}",
    "{% if patient.language == 'es' and not patient.caregiver %}Hola{% else %}Hi{% endif %}",
    "{{ 'Señora' if patient.language == 'es' else 'Mrs.' }}",
    "{# a remark #}{% raw %}{{ as it is }}{% endraw %}",
]


@pytest.mark.parametrize("text", FINE)
def test_fields_and_choices_are_all_a_script_needs(text: str) -> None:
    assert check_script(text) == ()
    assert isinstance(
        render_script(Templates({"a": {"en": text}}), "a", "en", example_fields()), str
    )


ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ patient.__class__ }}",
    "{{ patient.name.__class__.__mro__ }}",
    "{{ patient['__class__'] }}",
    "{{ patient.name|attr('__class__') }}",
    "{{ self }}",
    "{{ self.__init__.__globals__ }}",
    "{{ config }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'] }}",
    "{{ namespace() }}",
    "{{ range(10**9) }}",
    "{{ patient.name.format(patient) }}",
    "{{ '%s'|format(patient) }}",
    "{{ [].append(1) }}",
    "{{ {'a': patient} }}",
    "{{ (1, 2) }}",
    "{{ 'x' * 10**9 }}",
    "{{ 9**9**9 }}",
    "{{ 'a' ~ 'b' }}",
    "{{ -1 }}",
    "{{ patient.name[0:2] }}",
    "{{ patient is defined }}",
    "{{ patient.name|map('upper')|list }}",
    "{{ patient.name|center(999999999) }}",
    "{{ patient.name|upper(1) }}",
    "{% for i in range(999999999) %}x{% endfor %}",
    "{% set a = 1 %}",
    "{% set a %}x{% endset %}",
    "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{% call a() %}{% endcall %}",
    "{% include '/etc/passwd' %}",
    "{% import 'a' as a %}",
    "{% from 'a' import b %}",
    "{% extends 'a' %}",
    "{% block a %}{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with a = 1 %}{% endwith %}",
    "{% do 1 %}",
    "{% debug %}",
    "{% autoescape true %}{% endautoescape %}",
    "{% if true %}{{ ''.__class__ }}{% endif %}",
    "{{ 1 if ''.__class__ else 2 }}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_nothing_reaches_beyond_the_fields(text: str) -> None:
    problems = check_script(text)
    assert problems
    assert {problem.code for problem in problems} <= {"PB312", "PB313"}
    assert all(problem.hint for problem in problems)
    with pytest.raises(BadScriptError):
        render_script(Templates({"a": {"en": text}}), "a", "en", example_fields())


HEAVY = [
    "{{ " + "(" * 9_000,
    "{{ " + "not " * 4_900 + "1 }}",
    "{{ " + "patient.name and " * 1_100 + "1 }}",
    "{{ " + "1 if 1 else " * 1_600 + "1 }}",
    "{{ patient.name" + "|upper" * 3_000 + " }}",
    "{{ patient" + ".name" * 3_900 + " }}",
    "{{ " + "1" * 19_000 + " }}",
    "{{ 1" + "<1" * 9_000 + " }}",
    "{% if 1 %}" * 1_900,
    "{% if 1 %}" * 900 + "{% endif %}" * 900,
    "{% if 1 %}" + "{% elif 1 %}" * 1_500 + "{% endif %}",
    "{" * 19_999,
    "{{ 'a" * 4_000,
    "x" * 20_001,
]


@pytest.mark.parametrize("text", HEAVY, ids=lambda text: text[:16])
def test_heavy_scripts_end_in_an_error_at_once(text: str) -> None:
    start = time.process_time()
    problems = check_script(text)
    assert time.process_time() - start < SOON
    assert [problem.code for problem in problems] == ["PB313"]


def test_a_folder_is_read_by_name_and_language(tmp_path: Path) -> None:
    (tmp_path / "scripts" / "a").mkdir(parents=True)
    (tmp_path / "notes").mkdir()
    (tmp_path / "scripts" / "a" / "b.en.j2").write_text("Hello")
    (tmp_path / "scripts" / "a" / "b.es.j2").write_text("Hola")
    (tmp_path / "notes" / "n.yaml").write_text("fields: {a: }")
    found = load_templates(tmp_path)
    assert found.scripts == {"a/b": {"en": "Hello", "es": "Hola"}}
    assert found.notes == {"n": "fields: {a: }"}
    assert load_templates(tmp_path / "nowhere") == Templates({}, {})
