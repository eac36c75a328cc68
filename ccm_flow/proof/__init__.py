"""
Trust in a playbook before it runs: its proof, and the tests its author writes.

    proof = prove(plan, Setting(Month.parse("2026-12"), calendar))
    print(render_proof(proof))

    tests = run_playbook_tests(text, "ccm_monthly.tests.yaml", load_playbook, build_calendar)
    print(render_tests(tests))

Both run the engine that runs the months; nothing here knows a server or a database.
"""

from ccm_flow.proof.case_model import BuildCalendar, LoadPlaybook, TestClinic
from ccm_flow.proof.case_report import render_tests, tests_as_json
from ccm_flow.proof.case_run import PlaybookTests, TestOutcome, run_playbook_tests
from ccm_flow.proof.findings import Bounds, Finding, Found, Proof, StoryLine
from ccm_flow.proof.prove import prove
from ccm_flow.proof.report import proof_as_json, render_proof
from ccm_flow.proof.setting import Setting

__all__ = [
    "Bounds",
    "BuildCalendar",
    "Finding",
    "Found",
    "LoadPlaybook",
    "PlaybookTests",
    "Proof",
    "Setting",
    "StoryLine",
    "TestClinic",
    "TestOutcome",
    "proof_as_json",
    "prove",
    "render_proof",
    "render_tests",
    "run_playbook_tests",
    "tests_as_json",
]
