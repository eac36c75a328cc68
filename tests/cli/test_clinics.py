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


ALERTS = (
    GOOD
    + """\
alerts:
  clinic:
    acknowledge: {urgent: 30 minutes}
    closed: {urgent: on_call}
    on_call: [lee, {name: Night line, phone: 555 0199}]
    then: [program_lead]
  vendor: {hours: {start: "07:00", end: "19:00"}, days: [mon], time_zone: America/Chicago}
"""
)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("30 minutes", "soon", "c.yaml:12:27: alerts.clinic.acknowledge.urgent: 'soon' is not an"),
        ("[lee,", "[ana,", "c.yaml:14:15: alerts.clinic.on_call.0: 'ana' is not on this"),
        ("    on_call: [lee, {name: Night line, phone: 555 0199}]\n", "", "nobody is on call"),
        ("[program_lead]\n  vendor", "[surgeon]\n  vendor", "alerts.clinic.then.0: nobody of the"),
        ('end: "19:00"', 'end: "06:00"', "alerts.vendor.hours.end: it closes before it opens"),
        ("days: [mon]", "days: [someday]", "alerts.vendor.days.0: 'someday' is not one of"),
        ("America/Chicago", "Mars/Base", "alerts.vendor.time_zone: 'Mars/Base' is not"),
        ("closed: {urgent: on_call}", "closed: {urgent: never}", "c.yaml:13:22: alerts.clinic."),
        ("phone: 555 0199}", "number: 555 0199}", "alerts.clinic.on_call.1"),
    ],
)
def test_each_problem_with_alerts_has_its_place(before: str, after: str, said: str) -> None:
    assert before in ALERTS
    read_clinic_file(ALERTS, "c.yaml")
    with pytest.raises(ClinicFileError) as caught:
        read_clinic_file(ALERTS.replace(before, after), "c.yaml")
    assert said in str(caught.value)
