"""Attempts at contact: spacing, channels, and what happens after the last one."""

from tests.support.plans import attempts, outcome, plan, step
from tests.support.scenario import Scenario, at, completed, scenario, tried

CALL = plan(
    step(
        "call",
        "8 business days",
        "reached",
        "unreachable",
        tries=attempts(3, "2 business days", ["phone", "portal"]),
        ladder=["when due: notify lead"],
    ),
    step("letter", "2 business days", after="call.unreachable"),
    step("note", "1 business day", after="call.reached"),
)

SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "The next attempt is planned two business days on, and the last failed one moves the flow",
        CALL,
        at(
            "Dec 1 10:00",
            tried("call"),
            open={"call": "ann until Dec 11 17:00, next try Dec 3 09:00"},
            tries={"call": ("phone no_answer",)},
        ),
        at(
            "Dec 4 15:00",
            tried("call", "left_message"),
            open={"call": "ann until Dec 11 17:00, next try Dec 8 09:00"},
            tries={"call": ("phone no_answer", "portal left_message")},
        ),
        at(
            "Dec 8 11:00",
            tried("call"),
            open={"letter": "ann until Dec 10 17:00"},
            ended={"call": "unreachable"},
            tries={"call": ("phone no_answer", "portal left_message", "portal no_answer")},
        ),
    ),
    scenario(
        "Reaching the patient counts as the last attempt",
        CALL,
        at("Dec 1 10:00", tried("call")),
        at(
            "Dec 2 10:00",
            completed("call", "reached"),
            open={"note": "ann until Dec 3 17:00"},
            ended={"call": "reached"},
            tries={"call": ("phone no_answer", "portal reached")},
        ),
    ),
    scenario(
        "An attempt may be made another way than planned",
        CALL,
        at("Dec 1 10:00", tried("call", channel="visit"), tries={"call": ("visit no_answer",)}),
    ),
    scenario(
        "Attempts do not move the deadline",
        CALL,
        at("Dec 10 10:00", tried("call")),
        at(
            "Dec 11 17:00",
            told=["notify lee: call"],
            open={"call": "ann until Dec 11 17:00, next try Dec 14 09:00"},
        ),
        at(
            "Dec 14 09:00",
            tried("call"),
            open={"call": "ann until Dec 11 17:00, late, next try Dec 16 09:00"},
        ),
    ),
    scenario(
        "Spacing in business hours runs over the weekend to Monday morning",
        plan(step("call", "8 business days", "unreachable", tries=attempts(2, "4 business hours"))),
        at(
            "Dec 4 15:00",
            tried("call"),
            open={"call": "ann until Dec 11 17:00, next try Dec 7 11:00"},
        ),
    ),
    scenario(
        "Spacing in business days leaves out Christmas and the weekend",
        plan(step("call", "month end", "unreachable", tries=attempts(2, "1 business day"))),
        at(
            "Dec 24 16:00",
            tried("call"),
            open={"call": "ann until Dec 31 17:00, next try Dec 28 09:00"},
        ),
    ),
    scenario(
        "A patient nobody could reach ends the month with that reason",
        plan(
            step(
                "call",
                "8 business days",
                outcome("unreachable", end="not_ready", because="unreachable"),
                tries=attempts(2),
            ),
            step("prepare", "5 business days"),
        ),
        at("Dec 1 10:00", tried("call")),
        at(
            "Dec 3 10:00",
            tried("call"),
            open={},
            ended={"call": "unreachable", "prepare": "withdrawn"},
            ending="not_ready: unreachable",
        ),
    ),
)
