"""Escalations, discharges and other things that happen outside the playbook."""

from tests.support.plans import after_all, after_any, ended, fact, outcome, plan, step
from tests.support.scenario import Scenario, at, completed, happened, scenario

ESCALATION = plan(
    step("call", "month end"),
    step(
        "escalation",
        "1 business day",
        "answered",
        "no_action",
        owner="practitioner",
        on="escalation",
        urgent="2 business hours",
        ladder=["when due: notify lead"],
    ),
    step("call_back", "1 business day", after="escalation.answered"),
)
CALL = {"call": "ann until Dec 31 17:00"}

SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "The reply clock of an urgent escalation stops for the weekend",
        ESCALATION,
        at(
            "Dec 4 16:00",
            happened("escalation", urgency="urgent", because="chest pain"),
            open={**CALL, "escalation": "pat until Dec 7 10:00"},
        ),
        at("Dec 7 09:59"),
        at("Dec 7 10:00", told=["notify lee: escalation"]),
        at(
            "Dec 7 10:30",
            completed("escalation", "answered"),
            open={**CALL, "call_back": "ann until Dec 8 17:00"},
        ),
    ),
    scenario(
        "A routine escalation has until the close of the next business day",
        ESCALATION,
        at(
            "Dec 4 16:00",
            happened("escalation", urgency="routine"),
            open={**CALL, "escalation": "pat until Dec 7 17:00"},
        ),
    ),
    scenario(
        "An urgent escalation on a Saturday starts its clock on Monday morning",
        ESCALATION,
        at(
            "Dec 5 12:00",
            happened("escalation", urgency="urgent"),
            open={**CALL, "escalation": "pat until Dec 7 11:00"},
        ),
    ),
    scenario(
        "An urgent escalation on Christmas Eve is due after the holiday",
        ESCALATION,
        at(
            "Dec 24 16:30",
            happened("escalation", urgency="urgent"),
            open={**CALL, "escalation": "pat until Dec 28 10:30"},
        ),
    ),
    scenario(
        "Of two escalations at once each has its own clock and its own follow-up",
        ESCALATION,
        at("Dec 1 10:00", happened("escalation", urgency="urgent")),
        at(
            "Dec 1 11:00",
            happened("escalation"),
            open={
                **CALL,
                "escalation": "pat until Dec 1 12:00",
                "escalation~2": "pat until Dec 2 17:00",
            },
        ),
        at(
            "Dec 1 11:30",
            completed("escalation", "answered"),
            open={
                **CALL,
                "escalation~2": "pat until Dec 2 17:00",
                "call_back": "ann until Dec 2 17:00",
            },
        ),
        at("Dec 1 13:00", completed("call_back")),
        at(
            "Dec 1 14:00",
            completed("escalation~2", "answered"),
            open={**CALL, "call_back~2": "ann until Dec 2 17:00"},
        ),
    ),
    scenario(
        "A later escalation that is answered first takes no follow-up from the earlier one",
        ESCALATION,
        at("Dec 1 10:00", happened("escalation")),
        at("Dec 1 11:00", happened("escalation")),
        at("Dec 1 12:00", completed("escalation~2", "no_action")),
        at(
            "Dec 1 13:00",
            completed("escalation", "answered"),
            open={**CALL, "call_back": "ann until Dec 2 17:00"},
        ),
    ),
    scenario(
        "An earlier escalation that is answered last still has its follow-up",
        ESCALATION,
        at("Dec 1 10:00", happened("escalation")),
        at("Dec 1 11:00", happened("escalation")),
        at("Dec 1 12:00", completed("escalation~2", "answered")),
        at("Dec 1 12:30", completed("call_back")),
        at(
            "Dec 1 13:00",
            completed("escalation", "answered"),
            open={**CALL, "call_back~2": "ann until Dec 2 17:00"},
        ),
    ),
    scenario(
        "An escalation may be addressed to another role",
        ESCALATION,
        at(
            "Dec 1 10:00",
            happened("escalation", to="nurse"),
            open={**CALL, "escalation": "nat until Dec 2 17:00"},
        ),
        at("Dec 1 11:00", happened("escalation", to="gardener"), refused="unknown_role"),
    ),
    scenario(
        "One discharge opens everything that starts on it, each time",
        plan(
            step("reconcile", "2 business days", owner="nurse", on="discharge"),
            step("visit", "7 days", on="discharge"),
        ),
        at("Dec 1 00:00", open={}),
        at(
            "Dec 3 10:00",
            happened("discharge"),
            open={"reconcile": "nat until Dec 7 17:00", "visit": "ann until Dec 10 17:00"},
        ),
        at(
            "Dec 4 10:00",
            happened("discharge"),
            open={
                "reconcile": "nat until Dec 7 17:00",
                "visit": "ann until Dec 10 17:00",
                "reconcile~2": "nat until Dec 8 17:00",
                "visit~2": "ann until Dec 11 17:00",
            },
        ),
    ),
    scenario(
        "What starts on an event may depend on what the event tells",
        plan(step("review", "1 business day", on="lab_result", when=fact("risk", "==", "high"))),
        at("Dec 1 10:00", happened("lab_result"), open={}, ended={"review": "skipped"}),
        at(
            "Dec 1 11:00",
            happened("lab_result", facts={"risk": "high"}),
            open={"review~2": "ann until Dec 2 17:00"},
        ),
    ),
    scenario(
        "A step that waits for the end of escalations waits for all that are open",
        plan(
            step("call", "month end"),
            step("escalation", "1 business day", on="escalation", owner="practitioner"),
            step("sign", "1 business day", after=after_all("call", ended("escalation"))),
        ),
        at("Dec 1 10:00", happened("escalation")),
        at("Dec 1 11:00", happened("escalation")),
        at("Dec 1 12:00", completed("escalation~2")),
        at("Dec 1 13:00", completed("call"), open={"escalation": "pat until Dec 2 17:00"}),
        at("Dec 1 14:00", completed("escalation"), open={"sign": "ann until Dec 2 17:00"}),
    ),
    scenario(
        "A step that waits for the end of escalations does not wait when there are none",
        plan(
            step("call", "month end"),
            step("escalation", "1 business day", on="escalation"),
            step("sign", "1 business day", after=after_all("call", ended("escalation"))),
        ),
        at("Dec 1 13:00", completed("call"), open={"sign": "ann until Dec 2 17:00"}),
    ),
    scenario(
        "A second question is asked beside a first that is still open",
        plan(
            step("call", "month end", outcome("asks", go="escalation"), "fine"),
            step("result", "2 business days", outcome("asks", go="escalation"), on="lab_result"),
            step("escalation", "1 business day", on="escalation", owner="practitioner"),
        ),
        at("Dec 1 10:00", happened("lab_result")),
        at("Dec 1 11:00", completed("result", "asks")),
        at(
            "Dec 1 12:00",
            completed("call", "asks"),
            open={
                "escalation": "pat until Dec 2 17:00",
                "escalation~2": "pat until Dec 2 17:00",
            },
        ),
    ),
    scenario(
        "What followed one answer does not open again for another step's end",
        plan(
            step("question", "1 business day", "answered", on="escalation", owner="practitioner"),
            step("result", "1 business day", "look", "no_action", on="lab_result"),
            step("tell", "1 business day", after=after_any("question.answered", "result.look")),
        ),
        at("Dec 1 10:00", happened("escalation")),
        at("Dec 1 11:00", completed("question", "answered")),
        at("Dec 1 12:00", completed("tell"), open={}),
        at("Dec 1 13:00", happened("lab_result")),
        at("Dec 1 14:00", completed("result", "no_action"), open={}),
        at("Dec 1 15:00", happened("lab_result")),
        at(
            "Dec 1 16:00",
            completed("result~2", "look"),
            open={"tell~2": "ann until Dec 2 17:00"},
        ),
    ),
)
