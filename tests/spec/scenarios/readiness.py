"""The readiness check: blockers, the steps that fix them, and the hand-off."""

from tests.support.plans import fact, outcome, plan, readiness, step
from tests.support.scenario import (
    Scenario,
    at,
    completed,
    facts_changed,
    scenario,
    skipped,
)

FIXES = plan(
    step("fix_notes", "1 business day", owner="practitioner", fixes="signed_notes"),
    step("fix_minutes", "2 business days", fixes="minutes"),
    step(
        "hand_off",
        "2 business days",
        outcome("accepted", end="ready"),
        "returned",
        owner="biller",
        after="readiness.ready",
    ),
    ready=readiness("minutes", "signed_notes"),
)
NOTES = "pat until Dec 28 17:00"
MINUTES = "ann until Dec 29 17:00"


def _opening(round_: int) -> str:
    return "fix_consent" if round_ == 1 else f"fix_consent~{round_}"


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "The check starts when the clinic opens on its day, lists everything and opens every fix",
        FIXES,
        at("Dec 24 08:59", open={}),
        at(
            "Dec 24 09:00",
            open={"fix_notes": NOTES, "fix_minutes": MINUTES},
            blockers=["minutes", "signed_notes"],
        ),
        facts={"unsigned_notes": 1},
    ),
    scenario(
        "A fix closes by itself once what it fixes is no longer missing",
        FIXES,
        at(
            "Dec 24 12:00",
            facts_changed(unsigned_notes=0),
            open={"fix_minutes": MINUTES},
            ended={"fix_notes": "skipped"},
            blockers=["minutes"],
        ),
        at(
            "Dec 24 13:00",
            facts_changed(minutes=20),
            open={"hand_off": "bob until Dec 29 17:00"},
            ended={"fix_minutes": "skipped"},
            blockers=[],
        ),
        facts={"unsigned_notes": 1},
    ),
    scenario(
        "One minute short is a blocker",
        FIXES,
        at("Dec 24 12:00", facts_changed(minutes=19), blockers=["minutes"]),
        at("Dec 24 12:01", facts_changed(minutes=20), blockers=[]),
    ),
    scenario(
        "A fix that is done and did not help opens again",
        FIXES,
        at(
            "Dec 24 12:00",
            completed("fix_minutes", facts={"minutes": 15}),
            open={"fix_minutes~2": MINUTES},
            blockers=["minutes"],
        ),
        at(
            "Dec 28 12:00",
            completed("fix_minutes~2", facts={"minutes": 20}),
            open={"hand_off": "bob until Dec 30 17:00"},
        ),
    ),
    scenario(
        "Twelve fixes that did not help make the program owner decide, asked once",
        FIXES,
        *[
            at(
                f"Dec 28 10:{minute:02}",
                completed("fix_minutes" if minute == 1 else f"fix_minutes~{minute}"),
            )
            for minute in range(1, 12)
        ],
        at("Dec 28 11:00", completed("fix_minutes~12"), open={}, told=["ask lee: fix_minutes~12"]),
        at("Dec 28 12:00", facts_changed(minutes=12), open={}),
        at("Jan 6 17:00", open={}, ending="not_ready: minutes"),
    ),
    scenario(
        "A month that turns not ready opens its fix again and leaves the hand-off with the biller",
        FIXES,
        at("Dec 24 09:00", open={"hand_off": "bob until Dec 29 17:00"}, blockers=[]),
        at(
            "Dec 24 12:00",
            facts_changed(unsigned_notes=1),
            open={"hand_off": "bob until Dec 29 17:00", "fix_notes": NOTES},
            blockers=["signed_notes"],
        ),
        at(
            "Dec 24 13:00",
            completed("fix_notes", facts={"unsigned_notes": 0}),
            open={"hand_off": "bob until Dec 29 17:00"},
            blockers=[],
        ),
        at(
            "Dec 24 14:00",
            facts_changed(unsigned_notes=1),
            open={"hand_off": "bob until Dec 29 17:00", "fix_notes~2": NOTES},
        ),
        facts={"minutes": 20},
    ),
    scenario(
        "The biller cannot accept a month that something stops",
        FIXES,
        at("Dec 24 12:00", facts_changed(unsigned_notes=1)),
        at("Dec 24 13:00", completed("hand_off", "accepted"), refused="blocked"),
        at(
            "Dec 24 14:00",
            completed("hand_off", "accepted", facts={"unsigned_notes": 0}),
            ending="ready",
        ),
        facts={"minutes": 20},
    ),
    scenario(
        "A returned hand-off comes back when the month turns ready again",
        FIXES,
        at(
            "Dec 24 12:00",
            completed("hand_off", "returned", facts={"unsigned_notes": 1}),
            open={"fix_notes": NOTES},
        ),
        at(
            "Dec 28 12:00",
            completed("fix_notes", facts={"unsigned_notes": 0}),
            open={"hand_off~2": "bob until Dec 30 17:00"},
        ),
        at("Dec 28 13:00", completed("hand_off~2", "accepted"), ending="ready"),
        facts={"minutes": 20},
    ),
    scenario(
        "A ready month closes ready even when the biller has not answered",
        FIXES,
        at("Dec 31 17:00", open={"hand_off": "bob until Dec 29 17:00, late"}),
        at("Jan 6 17:00", ended={"hand_off": "withdrawn"}, ending="ready"),
        facts={"minutes": 20},
    ),
    scenario(
        "A fix whose condition does not hold waits until it does",
        plan(
            step("fix_minutes", "1 business day", fixes="minutes", when=fact("minutes", ">=", 10)),
            ready=readiness("minutes"),
        ),
        at("Dec 24 09:00", open={}, blockers=["minutes"]),
        at(
            "Dec 24 12:00",
            facts_changed(minutes=10),
            open={"fix_minutes": "ann until Dec 28 17:00"},
        ),
    ),
    scenario(
        "A fix that its owner left out does not come back at once",
        plan(
            step("fix_minutes", "1 business day", fixes="minutes", optional=True),
            ready=readiness("minutes"),
        ),
        at("Dec 24 12:00", skipped("fix_minutes"), open={}, blockers=["minutes"]),
        at("Dec 28 12:00", facts_changed(minutes=12), open={}),
        at("Jan 6 17:00", ending="not_ready: minutes"),
    ),
    scenario(
        "What waits for ready and for a step opens once both are there",
        plan(
            step("sign", "month end"),
            step(
                "hand_off",
                "1 business day",
                after=("and", ("outcome", "readiness", "ready"), ("done", "sign")),
            ),
            ready=readiness("minutes"),
        ),
        at("Dec 24 12:00", facts_changed(minutes=20), blockers=[]),
        at(
            "Dec 28 12:00",
            completed("sign", facts={"minutes": 20}),
            open={"hand_off": "ann until Dec 29 17:00"},
        ),
    ),
    scenario(
        "What makes the month not ready in the same moment opens no hand-off",
        plan(
            step("sign", "month end"),
            step(
                "hand_off",
                "1 business day",
                after=("and", ("outcome", "readiness", "ready"), ("done", "sign")),
            ),
            ready=readiness("no_conflicts"),
        ),
        at("Dec 24 12:00", blockers=[]),
        at("Dec 28 12:00", completed("sign", facts={"conflicts": 1}), open={}),
        at(
            "Dec 28 13:00",
            facts_changed(conflicts=0),
            open={"hand_off": "ann until Dec 29 17:00"},
        ),
    ),
    scenario(
        "A month that is not ready may have work of its own",
        plan(
            step("tell_owner", "1 business day", owner="lead", after="readiness.not_ready"),
            ready=readiness("minutes", "consent"),
        ),
        at("Dec 24 09:00", open={"tell_owner": "lee until Dec 28 17:00"}),
        at("Dec 24 12:00", completed("tell_owner"), open={}),
        at("Dec 24 13:00", facts_changed(consent=True), open={}, blockers=["minutes"]),
        at("Dec 24 14:00", facts_changed(minutes=20), open={}, blockers=[]),
        at(
            "Dec 24 15:00",
            facts_changed(consent=False),
            open={"tell_owner~2": "lee until Dec 28 17:00"},
        ),
    ),
    scenario(
        "A fix that sent the work elsewhere waits for it before it is asked for again",
        plan(
            step("fix_consent", "1 business day", outcome("no", go="leave"), fixes="consent"),
            step("leave", "1 business day", "stays", owner="lead"),
            ready=readiness("consent"),
        ),
        at(
            "Dec 24 10:00", completed("fix_consent", "no"), open={"leave": "lee until Dec 28 17:00"}
        ),
        at(
            "Dec 28 10:00",
            completed("leave", "stays"),
            open={"fix_consent~2": "ann until Dec 29 17:00"},
        ),
        facts={"minutes": 30},
    ),
    scenario(
        "A fix that twelve rounds did not bring about is asked of the lead once and stays missing",
        plan(step("fix_consent", "1 business day", fixes="consent"), ready=readiness("consent")),
        *(
            at(f"Dec 24 {10 + round_ // 4}:{round_ % 4 * 15:02}", completed(_opening(round_)))
            for round_ in range(1, 12)
        ),
        at(
            "Dec 24 13:00",
            completed("fix_consent~12"),
            open={},
            told=["ask lee: fix_consent~12"],
            blockers=["consent"],
        ),
        at("Dec 24 14:00", facts_changed(contacts=1), open={}, blockers=["consent"]),
        at("Jan 6 17:00", ending="not_ready: consent"),
    ),
)
