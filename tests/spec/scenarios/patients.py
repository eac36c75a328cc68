"""What differs from patient to patient: hours and channels of contact, risk, what is not needed."""

from collections.abc import Iterable
from dataclasses import replace

from ccm_flow.core.contact import ContactRules
from ccm_flow.core.ids import RoleId
from ccm_flow.core.plan import Plan, PlanStep, SkipRule, StepVariant
from tests.support.plans import attempts, fact, plan, rule, rung, step
from tests.support.scenario import Scenario, at, completed, facts_changed, scenario, tried

WORKWEEK = (0, 1, 2, 3, 4)


def reached(every: str, channels: Iterable[str] = ("phone",), *, channel: str = "planned") -> Plan:
    """Call three times, between 10:00 and 12:00."""
    call = step("call", "8 business days", "unreachable", tries=attempts(3, every, channels))
    rules = ContactRules(10 * 60, 12 * 60, WORKWEEK, channel=channel)
    return replace(plan(call), contact=rules)


def by_risk() -> PlanStep:
    """Call within five days; high-risk patients by the nurse on the next."""
    call = step("call", "5 business days", ladder=["when due: notify lead"])
    high = StepVariant(
        "high",
        owner=RoleId("nurse"),
        due=rule("1 business day"),
        attempts=attempts(2, "1 business day"),
        ladder=(rung("when due: notify practitioner"),),
    )
    return replace(call, variants=(high,))


def skip_rules() -> PlanStep:
    """Leave the second call out for two named reasons."""
    reasons = (
        SkipRule("talked_enough", fact("contacts", ">", 1)),
        SkipRule("minutes_done", fact("minutes", ">=", 20)),
    )
    return replace(step("call", "5 business days", after="prepare"), skip_if=reasons)


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "Attempts are planned in the hours in which patients like to be called",
        reached("2 business days"),
        at("Dec 1 00:00", open={"call": "ann until Dec 11 17:00, next try Dec 1 10:00"}),
        at(
            "Dec 1 10:30",
            tried("call"),
            open={"call": "ann until Dec 11 17:00, next try Dec 3 10:00"},
            tries={"call": ("phone no_answer",)},
        ),
    ),
    scenario(
        "An attempt that would come after those hours waits for the next working day",
        reached("3 business hours"),
        at(
            "Dec 4 11:00",
            tried("call"),
            open={"call": "ann until Dec 11 17:00, next try Dec 7 10:00"},
        ),
    ),
    scenario(
        "A letter goes at any hour",
        reached("2 business days", ["phone", "letter"]),
        at(
            "Dec 1 10:30",
            tried("call"),
            open={"call": "ann until Dec 11 17:00, next try Dec 3 09:00"},
        ),
    ),
    scenario(
        "The first attempt goes by the channel the patient prefers",
        reached("2 business days", ["phone", "phone", "portal"], channel="patient"),
        at("Dec 1 00:00", open={"call": "ann until Dec 11 17:00"}),
        at("Dec 1 11:00", tried("call"), tries={"call": ("portal no_answer",)}),
        at("Dec 3 11:00", tried("call"), tries={"call": ("portal no_answer", "phone no_answer")}),
        facts={"preferred_channel": "portal"},
    ),
    scenario(
        "A preferred channel that is not planned changes nothing",
        reached("2 business days", ["phone", "letter"], channel="patient"),
        at("Dec 1 11:00", tried("call"), tries={"call": ("phone no_answer",)}),
        facts={"preferred_channel": "video"},
    ),
    scenario(
        "A high-risk patient's step has its own owner, deadline, attempts and ladder",
        plan(by_risk()),
        at("Dec 1 00:00", open={"call": "nat until Dec 2 17:00"}),
        at(
            "Dec 1 10:00",
            tried("call"),
            open={"call": "nat until Dec 2 17:00, next try Dec 2 09:00"},
            tries={"call": ("phone no_answer",)},
        ),
        at("Dec 2 17:00", told=["notify pat: call"]),
        facts={"risk": "high"},
    ),
    scenario(
        "Other patients' steps are as the playbook says",
        plan(by_risk()),
        at("Dec 1 00:00", open={"call": "ann until Dec 8 17:00"}),
        at("Dec 1 10:00", tried("call"), refused="unknown_outcome"),
        at("Dec 8 17:00", told=["notify lee: call"]),
    ),
    scenario(
        "What a step is like is settled when it opens, whatever becomes of the risk",
        plan(by_risk()),
        at("Dec 1 10:00", facts_changed(risk="high"), open={"call": "ann until Dec 8 17:00"}),
        at("Dec 8 17:00", told=["notify lee: call"]),
    ),
    scenario(
        "A step is skipped by itself when one of its reasons holds, and the flow goes on",
        plan(step("prepare"), skip_rules(), step("sign", "1 business day", after="call")),
        at(
            "Dec 1 10:00",
            completed("prepare", facts={"minutes": 21}),
            open={"sign": "ann until Dec 2 17:00"},
            ended={"prepare": "done", "call": "skipped"},
        ),
    ),
    scenario(
        "A step whose reasons to skip it do not hold is opened, and stays open",
        plan(step("prepare"), skip_rules()),
        at("Dec 1 10:00", completed("prepare"), open={"call": "ann until Dec 8 17:00"}),
        at("Dec 2 10:00", facts_changed(minutes=30), open={"call": "ann until Dec 8 17:00"}),
    ),
    scenario(
        "A two-weekly report comes round for its owner all month",
        plan(step("report", "2 business days", owner="lead", every="2 weeks")),
        at("Dec 2 10:00", completed("report"), open={}),
        at("Dec 15 09:00", open={"report~2": "lee until Dec 17 17:00"}),
        at("Dec 16 10:00", completed("report~2"), open={}),
        at("Dec 29 09:00", open={"report~3": "lee until Dec 31 17:00"}),
        at("Dec 30 10:00", completed("report~3"), open={}),
        at("Jan 6 16:59", open={}),
    ),
    scenario(
        "Two steps that wait for the same one run side by side, and a third joins them",
        plan(
            step("prepare"),
            step("call", "3 business days", after="prepare"),
            step("list", "3 business days", after="prepare", owner="nurse"),
            step("sign", "1 business day", after=("and", ("done", "call"), ("done", "list"))),
        ),
        at(
            "Dec 1 10:00",
            completed("prepare"),
            open={"call": "ann until Dec 4 17:00", "list": "nat until Dec 4 17:00"},
        ),
        at("Dec 2 10:00", completed("list"), open={"call": "ann until Dec 4 17:00"}),
        at("Dec 3 10:00", completed("call"), open={"sign": "ann until Dec 4 17:00"}),
    ),
    scenario(
        "A step by calendar date opens that day",
        plan(step("letter", "2 business days", at="day 15")),
        at("Dec 15 08:59", open={}),
        at("Dec 15 09:00", open={"letter": "ann until Dec 17 17:00"}),
    ),
)
