"""A clinic's file: what it would change, all its problems at once, and applying it twice."""

import pytest

from ccm_flow.cli.work.clinic_file import ClinicFileError, read_clinic_file

GOOD = """\
clinic: elm
name: Elm Street Clinic
time_zone: America/New_York
program_owner: lee
vendor: {id: carebridge, name: CareBridge}
responsibility: {model: managed}
staff:
  - {id: lee, name: Lee Moss, roles: [program_lead], credential: rn}
  - {id: ana, name: Ana Ruiz, roles: [coordinator], organization: carebridge, languages: [es]}
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("America/New_York", "Mars/Base", "c.yaml:3:12: time_zone: 'Mars/Base' is not a time zone"),
        ("program_owner: lee", "program_owner: zed", "c.yaml:4:16: program_owner: 'zed' is not on"),
        ("id: ana", "id: lee", "c.yaml:9:10: staff.1.id: somebody else is called 'lee' too"),
        ("organization: carebridge", "organization: other", "c.yaml:9:67: staff.1.organization:"),
        ("vendor: {id: carebridge, name: CareBridge}\n", "", "responsibility.model: 'managed'"),
        ("languages: [es]", "languages: [Spanish]", "is not a short language such as en or es"),
        ("model: managed", "model: shared", "c.yaml:6:"),
        ("credential: rn", "credential: doctor", "staff.0.credential is not a credential"),
    ],
)
def test_each_problem_has_its_place(before: str, after: str, said: str) -> None:
    assert before in GOOD
    with pytest.raises(ClinicFileError) as caught:
        read_clinic_file(GOOD.replace(before, after), "c.yaml")
    assert said in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    broken = (
        GOOD.replace("America/New_York", "Mars/Base")
        .replace("credential: rn", "credential: doctor")
        .replace("program_owner: lee", "program_owner: zed\nopens: '18:00'\ncloses: '09:00'")
    )
    with pytest.raises(ClinicFileError) as caught:
        read_clinic_file(broken, "c.yaml")
    said = str(caught.value)
    for part in ("Mars/Base", "staff.0.credential", "'zed'", "closes before it opens"):
        assert part in said


def test_the_file_itself_is_good() -> None:
    file = read_clinic_file(GOOD, "c.yaml")
    assert file.person("ana") == "carebridge.ana"
    assert file.person("lee") == "elm.lee"
