"""What the reference page says beside the tables of settings."""

from ccm_flow.core.note_forms import FieldType
from ccm_flow.core.words import (
    Channel,
    Disposition,
    Phase,
    Recorded,
    Requirement,
    Responsibility,
    Trigger,
)
from ccm_flow.language.template_check import FILTERS

INTRODUCTION = """
# The playbook language

This page is made from the program by `python -m ccm_flow.language.reference`; a test fails when
they differ. What each message of `ccm check` means is explained in [messages.md](messages.md).

A playbook is a YAML file: `name: value` lines, indented with spaces. A list is `[one, two]` or one
line per item, each starting with `- `. Texts need quotes only when they hold `: ` or ` #`, or, in
`{braces}`, a comma. Everything that looks like a time or a word (`17:00`, `on`, `yes`) stays the
text that you typed.
"""

GRAMMARS: tuple[tuple[str, str], ...] = (
    (
        "Amounts of time",
        """
`3 business days`, `4 business hours`, `2 weeks`, `5 days`, `12 hours`, `30 minutes`.

A business day is a day on which the clinic opens: no weekends, holidays or closure days. `1
business day` from a Friday afternoon is Monday, when the clinic closes. Business hours run only
while the clinic is open.
""",
    ),
    (
        "Dates in the month",
        """
| Written | Means |
|---|---|
| `business day 8` | the month's eighth business day |
| `business day -5` | the fifth from the month's end; `-1` is the last |
| `day 15` | the 15th; the last day in a month that has no such day |
| `month end` | the month's last day |
| `month end - 2 business days`, `business day 8 + 1 week` | moved by an amount of time |
| `documentation start`, `documentation end` | the borders of `documentation: window:` |
""",
    ),
    (
        "Ladders",
        """
Each rung is one `when: what to do` line, in the order of time:

| When | What |
|---|---|
| `1 business day before` | `remind owner` |
| `when due` | `notify ROLE` (the owner keeps the step) |
| `2 business days late` | `reassign ROLE` (the step changes hands; both are told) |
| | `expire` or `expire as OUTCOME` (withdrawn undone; it never counts as done) |
""",
    ),
    (
        "What a step waits for: `after:`",
        """
`call` (done or skipped), `call.reached` (ended that way), `call.skipped`, `call.expired`,
`ended(call)` (over, however it ended, or no longer possible), `readiness.ready`,
`readiness.not_ready`; joined by `and`, `or` and round brackets. A list waits for all of its items.

Steps that wait for the same step open together and run side by side; a step that waits for all of
them joins them again.
""",
    ),
    (
        "Conditions: `when:` and `skip_if:`",
        """
Facts, whole numbers and `'texts'`, compared with `<`, `<=`, `>`, `>=`, `==`, `!=`, `in (...)`,
joined by `and`, `or`, `not`; `+`, `-`, `*`, `min`, `max`, `abs` for numbers. For example
`minutes < 20 and days_left > 3` or `risk == 'high'`.
""",
    ),
    (
        "Scripts and shared notes",
        f"""
`script: outreach/monthly_call` is the file `templates/scripts/outreach/monthly_call.en.j2`, and
`.es.j2` beside it in Spanish. A script is text with fields, `{{{{ patient.first_name }}}}`, and
choices, `{{% if patient.caregiver %}} ... {{% endif %}}`. It can do nothing else but change letters
with a filter: {", ".join(f"`|{name}`" for name in FILTERS)}.

`note: phone_contact` is a note of the playbook's own `notes:`, or else the file
`templates/notes/phone_contact.yaml`, which holds the same `title:` and `fields:`.
""",
    ),
)


def _words(*words: str) -> str:
    return ", ".join(f"`{word}`" for word in words)


WORDS: tuple[tuple[str, str], ...] = (
    ("`phase`", _words(*Phase)),
    ("`channels`", _words(*Channel)),
    ("`on`", _words(*Trigger)),
    ("`fixes`, `requires`", _words(*Requirement)),
    ("`end`", _words(*Disposition)),
    ("`records`", _words(*Recorded)),
    ("`responsibility`", _words(*Responsibility)),
    ("`type` of a note's field", _words(*FieldType)),
    ("a rung", _words("remind owner", "notify", "reassign", "expire")),
)
