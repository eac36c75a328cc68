"""A whole month, as it should go and as it goes when nobody does anything."""

from tests.support.plans import attempts, fact, outcome, plan, readiness, step
from tests.support.scenario import Scenario, at, completed, scenario

MONTHLY = plan(
    step("prepare", "2 business days", ladder=["when due: notify lead"]),
    step(
        "outreach",
        "8 business days",
        "reached",
        outcome("unreachable", end="not_ready", because="unreachable"),
        after="prepare",
        tries=attempts(3),
    ),
    step("follow_up", "3 business days", after="outreach.reached"),
    step("top_up", "2 business days", at="business day 12", when=fact("minutes", "<", 20)),
    step("sign_off", "2 business days", owner="practitioner", after="follow_up"),
    step("fix_minutes", "2 business days", fixes="minutes"),
    step(
        "hand_off",
        "2 business days",
        outcome("accepted", end="ready"),
        outcome("returned", go="repair"),
        owner="biller",
        after="readiness.ready",
    ),
    step("repair", "1 business day", outcome("repaired", go="hand_off")),
    ready=readiness("consent", "minutes"),
)

SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "A month in which everybody does their part ends ready",
        MONTHLY,
        at("Dec 1 00:00", open={"prepare": "ann until Dec 3 17:00"}),
        at("Dec 1 09:30", completed("prepare"), open={"outreach": "ann until Dec 11 17:00"}),
        at(
            "Dec 3 10:00",
            completed("outreach", "reached", facts={"minutes": 14}),
            open={"follow_up": "ann until Dec 8 17:00"},
        ),
        at(
            "Dec 7 11:00",
            completed("follow_up", facts={"minutes": 17}),
            open={"sign_off": "pat until Dec 9 17:00"},
        ),
        at("Dec 8 15:00", completed("sign_off"), open={}),
        at("Dec 16 08:59", open={}),
        at("Dec 16 09:00", open={"top_up": "ann until Dec 18 17:00"}),
        at("Dec 17 14:00", completed("top_up", facts={"minutes": 23}), open={}),
        at("Dec 24 08:59", open={}),
        at("Dec 24 09:00", open={"hand_off": "bob until Dec 29 17:00"}, blockers=[]),
        at("Dec 28 10:00", completed("hand_off", "accepted"), open={}, ending="ready"),
        facts={"consent": True},
    ),
    scenario(
        "A month in which nobody does anything is told about, and ends not ready with the reason",
        MONTHLY,
        at("Dec 3 17:00", told=["notify lee: prepare"]),
        at(
            "Dec 31 12:00",
            open={
                "prepare": "ann until Dec 3 17:00, late",
                "top_up": "ann until Dec 18 17:00, late",
                "fix_minutes": "ann until Dec 29 17:00, late",
            },
            blockers=["minutes"],
        ),
        at("Jan 6 16:59", status="running"),
        at(
            "Jan 6 17:00",
            open={},
            ended={"prepare": "withdrawn", "top_up": "withdrawn", "fix_minutes": "withdrawn"},
            status="ended",
            ending="not_ready: minutes",
        ),
        facts={"consent": True},
    ),
    scenario(
        "A hand-off that is returned comes back to the biller once it is repaired",
        MONTHLY,
        at(
            "Dec 1 09:00",
            completed("prepare", facts={"minutes": 25}),
            open={"outreach": "ann until Dec 11 17:00"},
        ),
        at("Dec 2 09:00", completed("outreach", "reached")),
        at("Dec 3 09:00", completed("follow_up")),
        at("Dec 4 09:00", completed("sign_off"), open={}),
        at("Dec 16 09:00", open={}, ended={"top_up": "skipped"}),
        at("Dec 24 12:00", completed("hand_off", "returned")),
        at("Dec 24 12:00", open={"repair": "ann until Dec 28 17:00"}),
        at(
            "Dec 28 11:00",
            completed("repair", "repaired"),
            open={"hand_off~2": "bob until Dec 30 17:00"},
        ),
        at("Dec 29 11:00", completed("hand_off~2", "accepted"), open={}, ending="ready"),
        facts={"consent": True},
    ),
)
