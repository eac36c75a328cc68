"""
The items of the readiness review and their weights: the one place that lists them.

Weight 3 is what a program cannot do without, 2 what it loses patients or minutes by, 1 what
makes it work better. The weights and the thresholds are the program's own, no payer's.
"""

from datetime import timedelta
from typing import Final

from ccm_flow.core.review import Area, Item

_QUARTER: Final = timedelta(days=92)
_MONTH: Final = timedelta(days=35)

_WORKFLOW: Final = (
    Item(
        "playbook",
        Area.WORKFLOW,
        "A playbook is published for each kind of work in use",
        3,
        "`ccm publish FILE`",
        "/playbooks",
        required=True,
    ),
    Item(
        "playbook_check",
        Area.WORKFLOW,
        "The check of the playbooks finds no errors",
        2,
        "`ccm check FILE`, then publish a version without errors",
        "/playbooks",
    ),
    Item(
        "playbook_proof",
        Area.WORKFLOW,
        "The proof of the playbooks holds",
        2,
        "`ccm review CLINIC --prove`; `ccm prove FILE` tells what does not hold",
        "/playbooks",
    ),
    Item(
        "roles",
        Area.WORKFLOW,
        "Every role of the playbooks has somebody who is here",
        3,
        "Add the person to the clinic's file, then `ccm clinic apply FILE`",
        required=True,
    ),
    Item(
        "program_owner",
        Area.WORKFLOW,
        "A program owner is named and here",
        3,
        "Name the `program_owner` in the clinic's file, then `ccm clinic apply FILE`",
        required=True,
    ),
    Item(
        "second_approver",
        Area.WORKFLOW,
        "Two people can approve playbooks, so that nobody approves their own",
        1,
        "`ccm account grant PERSON operations_lead --clinic CLINIC`",
        "/people",
    ),
    Item(
        "agreed",
        Area.WORKFLOW,
        "Where a vendor works, it is agreed who does each role",
        2,
        "`ccm responsibility apply --model hybrid`",
    ),
    Item(
        "walked_through",
        Area.WORKFLOW,
        "The team has walked through one patient's month together",
        1,
        "`ccm demo` plays one; then answer here",
        holds_for=timedelta(days=366),
    ),
)
_DOCUMENTATION: Final = (
    Item(
        "care_plans",
        Area.DOCUMENTATION,
        "Enrolled patients have a complete, current care plan that was given to them",
        3,
        "Write and share the plan on the patient's page, or `ccm care-plan`",
        "/patients",
    ),
    Item(
        "notes_signed",
        Area.DOCUMENTATION,
        "No note of last month lacks a signature",
        2,
        "Sign them from the leaks of that month",
        "/clinics/{clinic}/months/{month}/leaks?kind=unsigned_notes",
    ),
    Item(
        "late_minutes",
        Area.DOCUMENTATION,
        "Minutes are entered within a day of the work",
        2,
        "Use the timer on the step's page; see the late entries of last month",
        "/clinics/{clinic}/months/{month}/leaks?kind=late_entries",
    ),
    Item(
        "documentation_time",
        Area.DOCUMENTATION,
        "Time is kept for completing and signing notes",
        1,
        "Add `documentation` to the clinic's file, then `ccm clinic apply FILE`",
    ),
)
_ENGAGEMENT: Final = (
    Item(
        "outreach_numbers",
        Area.ENGAGEMENT,
        "Patients are called from a number they can call back",
        2,
        "Add `phone` and `outreach` to the clinic's file, then `ccm clinic apply FILE`",
    ),
    Item(
        "contact_hours",
        Area.ENGAGEMENT,
        "The playbook says when patients are called",
        1,
        "Add `contact` to the playbook and publish it",
        "/playbooks",
    ),
    Item(
        "script_languages",
        Area.ENGAGEMENT,
        "The scripts are there in the patients' languages",
        2,
        "Add the scripts in the language, or put the patient's language right",
        "/patients",
    ),
    Item(
        "staff_languages",
        Area.ENGAGEMENT,
        "Somebody on the staff speaks each of the patients' languages",
        2,
        "Add `languages` to the staff in the clinic's file, then `ccm clinic apply FILE`",
    ),
    Item(
        "phones",
        Area.ENGAGEMENT,
        "Enrolled patients have a telephone number",
        2,
        "`ccm edit-patient PATIENT --phone NUMBER`",
        "/patients",
    ),
    Item(
        "introduced",
        Area.ENGAGEMENT,
        "The practitioners tell patients about the program themselves",
        1,
        "Agree on it with the practitioners; then answer here",
        holds_for=_QUARTER,
    ),
)
_VISIBILITY: Final = (
    Item(
        "on_time",
        Area.VISIBILITY,
        "Last month's steps were done on time",
        2,
        "See the steps behind the number on the scorecard of that month",
        "/clinics/{clinic}/months/{month}/drift",
    ),
    Item(
        "ready",
        Area.VISIBILITY,
        "Last month's patients ended ready for billing",
        2,
        "See what stopped them in that month's readiness",
        "/clinics/{clinic}/months/{month}/readiness",
    ),
    Item(
        "checkpoints",
        Area.VISIBILITY,
        "Last month's reporting steps were done",
        1,
        "Give the steps of the phase reporting an owner with room, and do them",
        "/clinics/{clinic}/months/{month}/leaks?kind=undone_steps",
    ),
    Item(
        "sees_the_month",
        Area.VISIBILITY,
        "A lead and the clinic's owner can see the month for themselves",
        1,
        "`ccm account grant PERSON clinic_owner --clinic CLINIC`",
        "/people",
    ),
    Item(
        "notices",
        Area.VISIBILITY,
        "The program owner has an e-mail address for notices",
        1,
        "Add `email` to the person in the clinic's file, then `ccm clinic apply FILE`",
    ),
    Item(
        "leaks_looked_at",
        Area.VISIBILITY,
        "Somebody went through the leaks of the last month",
        1,
        "Look at the leaks together; then answer here",
        "/clinics/{clinic}/months/{month}/leaks",
        holds_for=_MONTH,
        after_a_month=True,
    ),
)
_CAPACITY: Final = (
    Item(
        "room",
        Area.CAPACITY,
        "Every role has somebody present with room for one more step",
        2,
        "Raise `capacity` in the clinic's file, or add people; `ccm staff list` shows the loads",
    ),
    Item(
        "second_person",
        Area.CAPACITY,
        "Every role has two people, so that somebody can be away",
        2,
        "Add people, or roles of people, to the clinic's file",
    ),
    Item(
        "absences",
        Area.CAPACITY,
        "No role is empty on a day of the next four weeks",
        2,
        "`ccm absence list`; name a cover with `ccm absence add --cover PERSON`",
    ),
    Item(
        "protected_time",
        Area.CAPACITY,
        "Time is kept for the program that covers the minutes its patients need",
        3,
        "`ccm capacity` shows by how much; keep more `protected_time` in the playbook",
        "/capacity",
    ),
)
_CONSENT: Final = (
    Item(
        "consent_wording",
        Area.CONSENT,
        "The four statements are there in words for consent",
        3,
        "Put the wording into `rules/consent.yaml`",
        required=True,
    ),
    Item(
        "consents",
        Area.CONSENT,
        "Enrolled patients have a consent that holds",
        3,
        "`ccm consent PATIENT` says what is missing; the patient's page records it",
        "/patients",
    ),
    Item(
        "ending_known",
        Area.CONSENT,
        "Everybody who answers the telephone knows how a patient ends the program",
        1,
        "Go through `ccm withdraw` and what follows with them; then answer here",
        holds_for=_QUARTER,
    ),
)
_EHR: Final = (
    Item(
        "billing_practitioner",
        Area.EHR,
        "A billing practitioner is on the staff",
        3,
        "Add somebody with the role practitioner to the clinic's file",
        required=True,
    ),
    Item(
        "npi",
        Area.EHR,
        "Every practitioner has a licence and an NPI on record",
        2,
        "Add `credential` and `npi` to the clinic's file, then `ccm clinic apply FILE`",
    ),
    Item(
        "import_fresh",
        Area.EHR,
        "Patients were imported within the last 35 days",
        2,
        "`ccm import FOLDER`",
    ),
    Item(
        "import_problems",
        Area.EHR,
        "The last import left nothing out",
        2,
        "`ccm import FOLDER --dry-run` lists what could not be used",
    ),
    Item(
        "notes_reach_ehr",
        Area.EHR,
        "Signed notes and care plans reach the clinic's own record system",
        2,
        "`ccm export-fhir` writes a month; agree who takes it over, then answer here",
        holds_for=_QUARTER,
    ),
)

ITEMS: Final = (
    *_WORKFLOW,
    *_DOCUMENTATION,
    *_ENGAGEMENT,
    *_VISIBILITY,
    *_CAPACITY,
    *_CONSENT,
    *_EHR,
)
"""Every item, in the order of the checklist."""
BY_ID: Final = {item.id: item for item in ITEMS}
REQUIRED: Final = tuple(item for item in ITEMS if item.required)
ASKED: Final = tuple(item for item in ITEMS if item.is_asked)
