"""Escalation ladders: every kind of rung, at its edge."""

from tests.support.plans import outcome, plan, step
from tests.support.scenario import Scenario, at, completed, scenario

LADDER = [
    "1 business day before: remind",
    "when due: notify lead",
    "2 business days late: reassign nurse",
    "3 business days late: expire",
]

SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "Each rung fires once, at its minute and not before",
        plan(step("call", "3 business days", ladder=LADDER)),
        at("Dec 3 08:59", open={"call": "ann until Dec 4 17:00"}),
        at("Dec 3 09:00", told=["remind ann: call"]),
        at("Dec 3 09:01"),
        at("Dec 4 16:59"),
        at("Dec 4 17:00", told=["notify lee: call"], open={"call": "ann until Dec 4 17:00"}),
        at("Dec 4 17:01", open={"call": "ann until Dec 4 17:00, late"}),
        at("Dec 8 16:59"),
        at(
            "Dec 8 17:00",
            told=["reassign nat: call"],
            open={"call": "nat until Dec 4 17:00, late"},
        ),
        at("Dec 9 16:59", open={"call": "nat until Dec 4 17:00, late"}),
        at("Dec 9 17:00", open={}, ended={"call": "expired"}),
        at("Dec 31 17:00", open={}),
    ),
    scenario(
        "A step done a minute before its deadline troubles nobody any more",
        plan(step("call", "3 business days", ladder=LADDER)),
        at("Dec 3 12:00", told=["remind ann: call"]),
        at("Dec 4 16:59", completed("call"), open={}),
        at("Dec 31 17:00", ended={"call": "done"}),
    ),
    scenario(
        "A deadline that passes never counts as done",
        plan(
            step("call", "1 business day", ladder=["1 hour late: expire"]),
            step("sign", "1 business day", after="call"),
            step("letter", "1 business day", after="call.expired"),
        ),
        at("Dec 2 17:59", open={"call": "ann until Dec 2 17:00, late"}),
        at("Dec 2 18:00", open={"letter": "ann until Dec 3 17:00"}, ended={"call": "expired"}),
    ),
    scenario(
        "An expired step may lead on by an outcome of its own",
        plan(
            step(
                "call",
                "1 business day",
                "done",
                outcome("given_up", go="letter"),
                ladder=["when due: expire as given_up"],
            ),
            step("letter", "1 business day"),
        ),
        at("Dec 2 16:59", open={"call": "ann until Dec 2 17:00"}),
        at(
            "Dec 2 17:00",
            open={"letter": "ann until Dec 3 17:00"},
            ended={"call": "expired as given_up"},
        ),
    ),
    scenario(
        "Rungs count in every unit",
        plan(
            step(
                "call",
                "4 business days",
                ladder=[
                    "1 day before: remind",
                    "3 business hours before: remind",
                    "30 minutes before: remind",
                    "45 minutes late: notify lead",
                    "2 hours late: notify lead",
                    "2 business hours late: notify nurse",
                    "1 day late: notify practitioner",
                    "1 week late: notify biller",
                ],
            )
        ),
        at("Dec 5 23:59", open={"call": "ann until Dec 7 17:00"}),
        at("Dec 6 00:00", told=["remind ann: call"]),
        at("Dec 7 13:59"),
        at("Dec 7 14:00", told=["remind ann: call"]),
        at("Dec 7 16:29"),
        at("Dec 7 16:30", told=["remind ann: call"]),
        at("Dec 7 17:44"),
        at("Dec 7 17:45", told=["notify lee: call"]),
        at("Dec 7 18:59"),
        at("Dec 7 19:00", told=["notify lee: call"]),
        at("Dec 8 10:59"),
        at("Dec 8 11:00", told=["notify nat: call"]),
        at("Dec 8 16:59"),
        at("Dec 8 17:00", told=["notify pat: call"]),
        at("Dec 14 16:59"),
        at("Dec 14 17:00", told=["notify bob: call"]),
    ),
    scenario(
        "A rung whose time is past when the step opens does not fire",
        plan(
            step("prepare", "5 business days"),
            step(
                "call",
                "business day 3",
                after="prepare",
                ladder=["1 business day before: remind", "when due: notify lead"],
            ),
        ),
        at("Dec 2 12:00", completed("prepare"), open={"call": "ann until Dec 3 17:00"}),
        at("Dec 3 16:59"),
        at("Dec 3 17:00", told=["notify lee: call"]),
    ),
    scenario(
        "A rung from before the calendar begins does not fire and stops nothing",
        plan(step("call", "1 business day", ladder=["30 business days before: remind"])),
        at("Dec 3 12:00", open={"call": "ann until Dec 2 17:00, late"}),
    ),
    scenario(
        "A step whose date is over when it opens has one business day",
        plan(
            step("prepare", "5 business days"),
            step("call", "business day 2", after="prepare", ladder=["when due: notify lead"]),
        ),
        at("Dec 10 10:00", completed("prepare"), open={"call": "ann until Dec 11 17:00"}),
        at("Dec 11 17:00", told=["notify lee: call"]),
    ),
    scenario(
        "A step whose date ends this very minute has one business day",
        plan(step("prepare", "9 business days"), step("call", "business day 2", after="prepare")),
        at("Dec 2 17:00", completed("prepare"), open={"call": "ann until Dec 3 17:00"}),
    ),
    scenario(
        "A step whose date ends in a minute keeps it",
        plan(step("prepare", "9 business days"), step("call", "business day 2", after="prepare")),
        at("Dec 2 16:59", completed("prepare"), open={"call": "ann until Dec 2 17:00"}),
    ),
    scenario(
        "Deadlines and reminders go round Christmas and the weekend",
        plan(
            step("prepare", "month end"),
            step(
                "call",
                "3 business days",
                after="prepare",
                ladder=["1 business day before: remind", "when due: notify lead"],
            ),
        ),
        at("Dec 22 12:00", completed("prepare"), open={"call": "ann until Dec 28 17:00"}),
        at("Dec 24 08:59"),
        at("Dec 24 09:00", told=["remind ann: call"]),
        at("Dec 28 17:00", told=["notify lee: call"]),
    ),
    scenario(
        "A closure day of the clinic moves its deadlines",
        plan(step("call", "2 business days")),
        at("Dec 1 00:00", open={"call": "ann until Dec 4 17:00"}),
        closures=["2026-12-03"],
    ),
    scenario(
        "No deadline lies beyond the close of the month",
        plan(step("call", "60 business days", ladder=["1 business day before: remind"])),
        at("Dec 1 00:00", open={"call": "ann until Jan 6 17:00"}),
        at("Jan 5 09:00", told=["remind ann: call"]),
        at("Jan 6 17:00", open={}, ended={"call": "withdrawn"}, ending="ready"),
    ),
    scenario(
        "Clocks going forward neither move a closing time nor shorten an hour",
        plan(
            step(
                "call",
                "1 business day",
                at="day 12",
                ladder=["48 hours before: remind", "10 hours late: notify lead"],
            )
        ),
        at("Mar 12 09:00", open={"call": "ann until Mar 15 17:00"}),
        at("Mar 13 15:59"),
        at("Mar 13 16:00", told=["remind ann: call"]),
        at("Mar 15 17:00", open={"call": "ann until Mar 15 17:00"}),
        at("Mar 16 02:59"),
        at("Mar 16 03:00", told=["notify lee: call"]),
        month="2027-03",
    ),
    scenario(
        "A rung for a role that nobody holds goes to the program owner",
        plan(
            step(
                "call",
                "1 business day",
                ladder=["when due: notify nurse", "1 business day late: reassign nurse"],
            )
        ),
        at("Dec 2 17:00", told=["notify lee: call"]),
        at(
            "Dec 3 17:00",
            told=["reassign lee: call"],
            open={"call": "lee until Dec 2 17:00, late"},
        ),
        team={"coordinator": "ann", "lead": "lee"},
    ),
)
