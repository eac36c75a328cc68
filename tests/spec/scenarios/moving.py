"""A running month goes on by another version of its playbook, because somebody signed for it."""

from dataclasses import replace

from ccm_flow.core.ids import PlaybookId
from ccm_flow.core.plan import Plan
from tests.support.plans import outcome, plan, readiness, rule, step
from tests.support.scenario import (
    Scenario,
    at,
    completed,
    extended,
    facts_changed,
    moved_to,
    paused,
    resumed,
    scenario,
)


def version(number: int, made: Plan) -> Plan:
    """Give another version of the same playbook."""
    return replace(made, version=number, sha256=str(number) * 64)


LADDER = ["1 business day before: remind", "when due: notify lead"]
OLD = plan(
    step("call", "3 business days", ladder=LADDER),
    step("file", "2 business days", owner="nurse"),
    step("sum", "1 business day", after="file"),
)
LATER = version(
    2,
    plan(
        step("call", "6 business days", ladder=LADDER),
        step("file", "2 business days", owner="practitioner"),
        step("sum", "1 business day", after="file"),
    ),
)
SOONER = version(3, plan(step("call", "1 business day", ladder=LADDER), *OLD.steps[1:]))
WITHOUT_FILE = version(4, plan(OLD.steps[0], step("look", "2 business days")))
GO = plan(
    step("ask", "2 business days", outcome("yes", go="outreach")),
    step("outreach", "5 business days", "reached"),
    step("note", "1 business day", after="outreach.reached"),
)
GO_ELSEWHERE = version(
    2,
    plan(
        step("ask", "2 business days", outcome("yes", go="visit")),
        step("visit", "5 business days", "seen"),
        step("note", "1 business day", after="visit.seen"),
    ),
)
CHECKED = plan(
    step("call", "month end"),
    step("fix", "2 business days", fixes="minutes"),
    ready=readiness("minutes", starts="business day 2"),
)
CHECKED_LATER = version(2, replace(CHECKED, readiness=readiness("minutes", starts="day 20")))
EXPIRES = plan(step("call", "2 business days", ladder=["when due: notify lead"]))
AND_THEN = version(
    2,
    plan(
        step("call", "2 business days", ladder=["when due: expire"]),
        step("letter", "1 business day", after="call.expired"),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "A month that is moved goes on by the new deadlines and owners, and no rung fires twice",
        OLD,
        at(
            "Dec 3 17:00",
            told=["remind ann: call"],
            open={"call": "ann until Dec 4 17:00", "file": "nat until Dec 3 17:00"},
        ),
        at(
            "Dec 3 18:00",
            moved_to(LATER, OLD),
            told=["reassign pat: file"],
            open={"call": "ann until Dec 9 17:00", "file": "pat until Dec 3 17:00, late"},
        ),
        at("Dec 9 16:00"),
        at("Dec 9 17:00", told=["notify lee: call"]),
        at("Dec 10 10:00", completed("file"), told=[], ended={"file": "done"}),
        at(
            "Dec 10 10:00",
            open={"call": "ann until Dec 9 17:00, late", "sum": "ann until Dec 11 17:00"},
        ),
    ),
    scenario(
        "A shorter deadline that is over already leaves one business day",
        OLD,
        at("Dec 3 10:00", moved_to(SOONER, OLD), told=["remind ann: call"]),
        at(
            "Dec 3 10:00",
            open={"call": "ann until Dec 4 17:00", "file": "nat until Dec 3 17:00"},
        ),
    ),
    scenario(
        "A step that is late stays late when the new rule gives no time either",
        OLD,
        at("Dec 7 10:00", told=["remind ann: call", "notify lee: call"]),
        at(
            "Dec 7 10:00",
            moved_to(SOONER, OLD),
            open={"call": "ann until Dec 4 17:00, late", "file": "nat until Dec 3 17:00, late"},
        ),
    ),
    scenario(
        "More time that somebody gave is not taken away by a new version",
        OLD,
        at("Dec 2 10:00", extended("call", "8 business days")),
        at(
            "Dec 2 11:00",
            moved_to(LATER, OLD),
            told=["reassign pat: file"],
            open={"call": "ann until Dec 14 17:00", "file": "pat until Dec 3 17:00"},
        ),
    ),
    scenario(
        "A step that the new version does not know is withdrawn, and one it needs opens",
        OLD,
        at(
            "Dec 2 10:00",
            moved_to(WITHOUT_FILE, OLD),
            open={"call": "ann until Dec 4 17:00", "look": "ann until Dec 4 17:00"},
            ended={"file": "withdrawn"},
        ),
        at("Dec 2 10:05", completed("file"), refused="step_closed"),
        at(
            "Dec 3 10:00",
            moved_to(OLD, WITHOUT_FILE),
            told=["remind ann: call"],
            open={"call": "ann until Dec 4 17:00", "file~2": "nat until Dec 7 17:00"},
            ended={"look": "withdrawn", "file": "withdrawn"},
        ),
        at(
            "Dec 3 11:00",
            completed("file~2"),
            open={"call": "ann until Dec 4 17:00", "sum": "ann until Dec 4 17:00"},
        ),
    ),
    scenario(
        "Where the flow was sent to a step that is gone, it goes on at the one in its place",
        GO,
        at("Dec 1 10:00", completed("ask", "yes"), open={"outreach": "ann until Dec 8 17:00"}),
        at(
            "Dec 2 10:00",
            moved_to(GO_ELSEWHERE, GO),
            open={"visit": "ann until Dec 9 17:00"},
            ended={"outreach": "withdrawn"},
        ),
        at("Dec 3 10:00", completed("visit", "seen"), open={"note": "ann until Dec 4 17:00"}),
    ),
    scenario(
        "A readiness check that the new version makes later is made then",
        CHECKED,
        at("Dec 3 10:00", blockers=["minutes"]),
        at("Dec 3 11:00", moved_to(CHECKED_LATER, CHECKED)),
        at("Dec 4 10:00", facts_changed(minutes=5)),
        at("Dec 21 10:00", blockers=["minutes"]),
    ),
    scenario(
        "The new ladder's lines that lie ahead fire, and lead to what follows",
        EXPIRES,
        at(
            "Dec 2 10:00",
            moved_to(AND_THEN, EXPIRES),
            open={"call": "ann until Dec 3 17:00"},
        ),
        at(
            "Dec 3 17:00",
            open={"letter": "ann until Dec 4 17:00"},
            ended={"call": "expired"},
        ),
    ),
    scenario(
        "While the clocks stand still, a longer deadline leaves more time for later",
        OLD,
        at("Dec 2 10:00", paused(), status="paused"),
        at(
            "Dec 2 10:00",
            moved_to(LATER, OLD),
            told=["reassign pat: file"],
            open={"call": "ann, clock stopped", "file": "pat, clock stopped"},
            status="paused",
        ),
        at(
            "Dec 9 10:00",
            resumed(),
            open={"call": "ann until Dec 16 17:00", "file": "pat until Dec 10 17:00"},
        ),
    ),
    scenario(
        "A month is moved only from the version that was looked at, and to its own playbook",
        OLD,
        at("Dec 2 09:00", moved_to(OLD, OLD), refused="already_moved"),
        at("Dec 2 10:00", moved_to(SOONER, LATER), refused="another_version"),
        at(
            "Dec 2 10:00",
            moved_to(replace(SOONER, playbook=PlaybookId("other")), OLD),
            refused="another_playbook",
        ),
        at(
            "Dec 2 10:00",
            moved_to(replace(SOONER, closes=rule("business day 1")), OLD),
            refused="closed_by_then",
        ),
        at("Dec 2 11:00", moved_to(SOONER, OLD)),
        at("Dec 2 12:00", moved_to(SOONER, OLD), refused="already_moved"),
    ),
    scenario(
        "A month that is over is moved nowhere",
        OLD,
        at("Dec 3 00:00"),
        at(
            "Jan 20 10:00",
            moved_to(LATER, OLD),
            refused="cycle_ended",
            told=["remind ann: call", "notify lee: call"],
            ending="ready",
        ),
    ),
)
