"""`ccm explain` shows the playbook as it runs, and where each line comes from."""

from ccm_flow.language.explain import explain
from ccm_flow.language.overlay import resolve_playbook

PARENT = """\
playbook: month
version: 2
program: CCM
owner: lead
closes: month end
roles: [lead]
steps:
  - id: call
    owner: lead
    due: 2 business days
    script: outreach/call
    ladder: [{when due: remind owner}]
  - id: bill
    owner: lead
    after: readiness.ready
    due: month end
    outcomes: {accepted: {end: ready}}
    ladder: [{when due: remind owner}]
  - id: fix
    owner: lead
    fixes: consent
    due: 1 business day
    ladder: [{when due: remind owner}]
readiness: {from: business day -5, requires: [consent]}
"""
OVERLAY = """\
playbook: clinic
version: 1
extends: month@2
remove: [steps.call.script]
steps:
  - {id: call, due: 1 business day}
"""
EXPECTED = """\
                # clinic@1 over month@2

clinic.yaml:1 > playbook: clinic
clinic.yaml:2 > version: 1
month.yaml:3  | program: CCM
month.yaml:4  | owner: lead
month.yaml:5  | closes: month end

month.yaml:6  | roles: [lead]

month.yaml:7  | steps:
month.yaml:8  |   - id: call
month.yaml:9  |     owner: lead
clinic.yaml:6 >     due: 1 business day
"""


def test_each_line_stands_behind_its_origin() -> None:
    result = resolve_playbook(OVERLAY, "clinics/clinic.yaml", lambda _: (PARENT, "month.yaml"))
    shown = explain(result)
    assert shown.startswith(EXPECTED)
    assert shown.endswith("# Taken out:\nclinic.yaml:4 - steps.call.script\n")


def test_files_of_one_name_are_told_apart() -> None:
    result = resolve_playbook(OVERLAY, "a/ccm.yaml", lambda _: (PARENT, "b/ccm.yaml"))
    assert "a/ccm.yaml:1  > playbook: clinic" in explain(result)


def test_a_broken_chain_shows_nothing() -> None:
    assert explain(resolve_playbook(OVERLAY, "clinic.yaml", lambda _: None)) == ""
