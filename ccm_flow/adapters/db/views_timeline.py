"""
The ledger as sentences.

Of each transition, what the engine did is told and the event that led to it is not, because the
one says the other again; except for events that stand for themselves.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.cycle_plans import CyclePlans, cycle_plans
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import CycleRow, LedgerEventRow
from ccm_flow.adapters.db.views_names import People, PlanWords
from ccm_flow.app.views_patient import TimelineEntry
from ccm_flow.core.assignment import NAMED
from ccm_flow.core.ids import SYSTEM, CycleId, StepKey

Detail = Mapping[str, Any]


class Storyteller:
    """Tells what happened in one cycle."""

    def __init__(self, people: People, plans: CyclePlans) -> None:
        self._people = people
        self._plans = plans
        self._plan: PlanWords = plans.words(0)
        self._tell: Mapping[str, Callable[[LedgerEventRow], str | None]] = {
            "calendar_changed": lambda row: (
                f"{self._who(row.actor)} changed the clinic's days: {row.detail['because']}"
            ),
            "plan_changed": self._went_on,
            "cycle_opened": lambda _: "The cycle opened",
            "triggered": self._triggered,
            "patient_withdrew": self._withdrew,
            "patient_died": lambda row: f"{self._who(row.actor)} recorded that the patient died",
            "month_closed": lambda row: f"{self._who(row.actor)} closed the month early",
            "open_step": self._opened,
            "close_step": self._closed,
            "record_attempt": self._attempt,
            "move_deadline": self._moved,
            "remind_owner": self._reminded,
            "notify_person": self._notified,
            "move_owner": self._handed_over,
            "record_readiness": self._readiness,
            "pause_cycle": self._paused,
            "resume_cycle": lambda row: f"{self._who(row.actor)} resumed; the clocks run again",
            "tell_program_owner": self._asked,
            "end_cycle": self._ended,
        }

    def tell(self, rows: Iterable[LedgerEventRow]) -> tuple[TimelineEntry, ...]:
        """Give the entries of rows that are in order."""
        entries = (self._entry(row) for row in rows)
        return tuple(entry for entry in entries if entry is not None)

    def _entry(self, row: LedgerEventRow) -> TimelineEntry | None:
        tell = self._tell.get(row.kind)
        self._plan = self._plans.words(row.sequence)
        text = tell(row) if tell else None
        if text is None:
            return None
        step: Detail = row.detail.get("step") or {}
        if not isinstance(step, dict):
            step = {}
        owner: Detail = step.get("owner") or {}
        return TimelineEntry(
            at=row.at,
            kind=row.kind,
            text=text,
            step=StepKey(step["key"]) if step else None,
            owner_name=self._people.name(owner["person"]) if owner else None,
            role=self._plan.role(owner["role"]) if owner else None,
            due_at=_instant(step.get("due_at")),
        )

    def _who(self, person: str | None) -> str:
        return self._people.name(person) if person not in (None, SYSTEM) else "The playbook"

    def _with_role(self, owner: Detail) -> str:
        role = self._plan.role(owner["role"])
        return f"{self._people.name(owner['person'])} ({role.lower()})"

    def _title(self, row: LedgerEventRow) -> str:
        return self._plan.title(row.detail["step"]["key"])

    def _triggered(self, row: LedgerEventRow) -> str:
        detail = row.detail
        urgency = f", {detail['urgency']}" if detail.get("urgency") else ""
        said = f": {detail['because']}" if detail.get("because") else ""
        return f"{self._who(row.actor)} reported: {_spoken(detail['trigger'])}{urgency}{said}"

    def _withdrew(self, row: LedgerEventRow) -> str:
        who = self._who(row.actor)
        return f"{who} recorded that the patient leaves the program: {row.detail['because']}"

    def _went_on(self, row: LedgerEventRow) -> str:
        was, now = row.detail["was"]["version"], row.detail["now"]["version"]
        return (
            f"{self._who(row.actor)} signed that the month goes on by version {now} of the "
            f"playbook, instead of version {was}"
        )

    def _opened(self, row: LedgerEventRow) -> str:
        step = row.detail["step"]
        assigned = step.get("assigned")
        why = f" ({assigned})" if assigned and assigned != NAMED else ""
        return f"{self._title(row)}: opened for {self._with_role(step['owner'])}{why}"

    def _closed(self, row: LedgerEventRow) -> str:
        step = row.detail["step"]
        outcome = self._plan.outcome(step["key"], step["outcome"])
        because = f" ({step['because']})" if step.get("because") else ""
        by = self._who(step["ended_by"])
        match step["status"]:
            case "done":
                return f"{self._title(row)}: {outcome}, done by {by}"
            case "expired":
                return f"{self._title(row)}: expired undone{because}"
            case "withdrawn":
                return f"{self._title(row)}: withdrawn undone{because or ', the cycle ended'}"
            case _:
                return f"{self._title(row)}: skipped, not needed{because}"

    def _attempt(self, row: LedgerEventRow) -> str:
        attempt = row.detail["attempt"]
        result = self._plan.outcome(row.detail["step"]["key"], attempt["result"])
        what = f"attempt {attempt['number']} by {attempt['channel']}"
        return f"{self._title(row)}: {what}: {result}, tried by {self._who(attempt['by'])}"

    def _moved(self, row: LedgerEventRow) -> str | None:
        if row.detail["step"]["due_at"] is None:
            return None  # the pause itself is told
        because = row.detail["because"]
        return f"{self._title(row)}: {self._who(row.actor)} moved the deadline: {because}"

    def _reminded(self, row: LedgerEventRow) -> str:
        owner = self._with_role(row.detail["step"]["owner"])
        return f"{self._side(row)}: {owner} was reminded of: {self._title(row)}"

    def _notified(self, row: LedgerEventRow) -> str:
        to = self._with_role(row.detail["to"])
        owner = self._people.name(row.detail["step"]["owner"]["person"])
        return f"{self._side(row)}: {to} was told about: {self._title(row)}, owned by {owner}"

    def _side(self, row: LedgerEventRow) -> str:
        due = _instant(row.detail["step"]["due_at"])
        return "Deadline ahead" if due is not None and row.at < due else "Deadline passed"

    def _handed_over(self, row: LedgerEventRow) -> str:
        to = self._with_role(row.detail["step"]["owner"])
        was = self._people.name(row.detail["was"]["person"])
        because = row.detail["because"]
        return f"{self._title(row)}: handed from {was} to {to}: {because}"

    def _readiness(self, row: LedgerEventRow) -> str:
        blockers = row.detail["blockers"]
        if not blockers:
            return "Readiness check: everything is there"
        return f"Readiness check: {'; '.join(item['detail'] for item in blockers)}"

    def _paused(self, row: LedgerEventRow) -> str:
        who = self._who(row.actor)
        return f"{who} paused; the clocks stand still: {row.detail['because']}"

    def _asked(self, row: LedgerEventRow) -> str:
        title = self._plan.title(row.detail["about"])
        return f"{self._with_role(row.detail['to'])} was asked to decide about: {title}"

    def _ended(self, row: LedgerEventRow) -> str:
        ending = row.detail["ending"]
        because = f" ({_spoken(ending['because'])})" if ending.get("because") else ""
        return f"The cycle ended: {_spoken(ending['disposition'])}{because}"


def transition_story(engine: Engine, cycle: CycleId, sequence: int) -> tuple[TimelineEntry, ...]:
    """Tell what one transition of a cycle led to, e.g. after somebody acted."""
    with reading(engine) as session:
        query = select(LedgerEventRow).where(
            LedgerEventRow.cycle_id == cycle, LedgerEventRow.sequence == sequence
        )
        rows = session.exec(query.order_by(col(LedgerEventRow.position))).all()
        plans = cycle_plans(session, [session.get_one(CycleRow, cycle)])[cycle]
        return Storyteller(People(session, people_in(rows)), plans).tell(rows)


def message_text(code: str, title: str) -> str:
    """Say what somebody was told; the code comes from `adapters.db.messages`."""
    texts = {
        "deadline_ahead": f"Reminder of the deadline: {title}",
        "deadline_passed": f"Told about the deadline: {title}",
        "step_given": f"Now yours: {title}",
        "step_taken": f"No longer yours: {title}",
        "needs_decision": f"Needs your decision: {title}",
        "nobody_else": f"Yours, because nobody else can have it now: {title}",
    }
    return texts.get(code, f"{_spoken(code)}: {title}")


def people_in(rows: Iterable[LedgerEventRow]) -> set[str]:
    """Name everybody that ledger rows mention."""
    found: set[str] = set()
    for row in rows:
        step = row.detail.get("step")
        parts: list[Detail] = [row.detail.get("to") or {}, row.detail.get("was") or {}]
        if isinstance(step, dict):
            parts.append(step["owner"])
            found |= {step["ended_by"]} if step.get("ended_by") else set()
        found |= {part["person"] for part in parts if isinstance(part, dict) and "person" in part}
        found |= {row.actor} if row.actor else set()
        found |= {row.detail["attempt"]["by"]} if row.kind == "record_attempt" else set()
    return found


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _spoken(code: str) -> str:
    return code.replace("_", " ")
