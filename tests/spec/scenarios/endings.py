"""How a cycle ends, and that nothing happens after."""

from ccm_flow.core.plan import PlaybookKind
from tests.support.plans import outcome, plan, readiness, step
from tests.support.scenario import (
    Scenario,
    at,
    completed,
    died,
    extended,
    facts_changed,
    happened,
    month_closed,
    paused,
    scenario,
    withdrew,
)

CALL = plan(
    step("call", "3 business days", ladder=["when due: notify lead"]),
    step("review", "month end", owner="nurse"),
    step("escalation", "1 business day", on="escalation"),
)
READY = plan(step("call", "3 business days"), ready=readiness("consent", "minutes", "signed_notes"))

SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "A patient who leaves the program ends the cycle and takes every step with them",
        CALL,
        at(
            "Dec 2 12:00",
            withdrew("moved_away"),
            open={},
            ended={"call": "withdrawn", "review": "withdrawn"},
            status="ended",
            ending="withdrawn: moved_away",
        ),
        at("Jan 31 12:00", open={}, ending="withdrawn: moved_away"),
    ),
    scenario(
        "A death ends the cycle without a reason to give, also during a pause",
        CALL,
        at("Dec 2 12:00", paused()),
        at("Dec 9 12:00", died(), open={}, ended={"call": "withdrawn"}, ending="deceased"),
    ),
    scenario(
        "An ended cycle takes nothing any more",
        CALL,
        at("Dec 2 12:00", died(), ending="deceased"),
        at("Dec 2 13:00", completed("call"), refused="cycle_ended", ending="deceased"),
        at("Dec 2 13:00", extended("call", "9 days"), refused="cycle_ended", ending="deceased"),
        at("Dec 2 13:00", happened("escalation"), refused="cycle_ended", ending="deceased"),
        at("Dec 2 13:00", paused(), refused="cycle_ended", ending="deceased"),
        at("Dec 2 13:00", facts_changed(minutes=30), refused="cycle_ended", ending="deceased"),
        at("Dec 2 13:00", withdrew(), refused="cycle_ended", ending="deceased"),
        at("Dec 2 13:00", month_closed(), refused="cycle_ended", ending="deceased"),
    ),
    scenario(
        "An outcome may end the cycle with a named reason",
        plan(
            step("call", "3 business days", "reached", outcome("declined", end="withdrawn")),
            step("sign", "1 business day", after="call"),
        ),
        at(
            "Dec 2 12:00",
            completed("call", "declined"),
            open={},
            ended={"call": "declined", "sign": None},  # type: ignore[dict-item]
            ending="withdrawn",
        ),
    ),
    scenario(
        "A month that nothing stops closes ready, at the minute of its close",
        READY,
        at("Dec 2 12:00", completed("call", facts={"minutes": 20, "consent": True})),
        at("Jan 6 16:59", status="running", blockers=[]),
        at("Jan 6 17:00", ending="ready"),
    ),
    scenario(
        "A month with blockers closes not ready, named by the first of them",
        READY,
        at("Dec 2 12:00", completed("call", facts={"minutes": 19, "unsigned_notes": 2})),
        at("Dec 24 09:00", blockers=["consent", "minutes", "signed_notes"]),
        at("Dec 28 09:00", facts_changed(consent=True), blockers=["minutes", "signed_notes"]),
        at("Jan 6 17:00", ending="not_ready: minutes"),
    ),
    scenario(
        "A month may be closed by hand, ready",
        READY,
        at("Dec 2 12:00", completed("call", facts={"consent": True})),
        at("Dec 30 12:00", month_closed(minutes=21), ending="ready"),
    ),
    scenario(
        "A month closed by hand with a blocker is not ready",
        READY,
        at(
            "Dec 2 12:00",
            month_closed(minutes=21),
            open={},
            ended={"call": "withdrawn"},
            ending="not_ready: consent",
        ),
    ),
    scenario(
        "An enrollment ends enrolled by its outcome",
        plan(
            step("introduce", "5 business days", "agreed"),
            step(
                "consent", "5 business days", outcome("signed", end="enrolled"), after="introduce"
            ),
            closes="60 days",
            kind=PlaybookKind.ENROLLMENT,
        ),
        at("Dec 2 12:00", completed("introduce", "agreed")),
        at("Dec 8 12:00", completed("consent", "signed"), open={}, ending="enrolled"),
    ),
    scenario(
        "An enrollment that nobody finishes ends by itself",
        plan(
            step("introduce", "5 business days", "agreed"),
            closes="60 days",
            kind=PlaybookKind.ENROLLMENT,
        ),
        at("Jan 30 23:58", status="running"),
        at("Jan 30 23:59", open={}, ending="not_enrolled: not_finished"),
    ),
)
