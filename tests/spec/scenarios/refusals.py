"""What the engine does not take, each with its code; a refusal changes nothing."""

from tests.support.plans import attempts, plan, readiness, step
from tests.support.plans import outcome as outcome_
from tests.support.scenario import (
    Scenario,
    at,
    completed,
    extended,
    facts_changed,
    happened,
    paused,
    reassigned,
    resumed,
    scenario,
    skipped,
    tried,
)

CALL = plan(
    step("call", "3 business days", "reached", "unreachable", tries=attempts(2)),
    step("survey", "3 business days", optional=True),
    step("sign", "1 business day", after="call"),
)
OPEN = {"call": "ann until Dec 4 17:00", "survey": "ann until Dec 4 17:00"}

SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "A step that the playbook does not have is unknown",
        CALL,
        at("Dec 1 10:00", completed("cal"), refused="unknown_step", open=OPEN),
        at("Dec 1 10:00", completed("call~2"), refused="unknown_step", open=OPEN),
        at("Dec 1 10:00", reassigned("cal", "nat", "nurse"), refused="unknown_step"),
        at("Dec 1 10:00", extended("cal", "1 week"), refused="unknown_step"),
    ),
    scenario(
        "A step that has not opened yet cannot be done",
        CALL,
        at("Dec 1 10:00", completed("sign"), refused="not_open_yet", open=OPEN),
    ),
    scenario(
        "A step is done once",
        CALL,
        at("Dec 1 10:00", completed("call", "reached")),
        at("Dec 1 10:01", completed("call", "reached"), refused="step_closed"),
        at("Dec 1 10:01", tried("call"), refused="step_closed"),
        at("Dec 1 10:01", extended("call", "1 week"), refused="step_closed"),
        at("Dec 1 10:02", skipped("survey")),
        at("Dec 1 10:03", completed("survey"), refused="step_closed"),
    ),
    scenario(
        "Only the owner's role and the program owner may end a step",
        CALL,
        at(
            "Dec 1 10:00",
            completed("call", "reached", by="bob", role="biller"),
            refused="wrong_role",
            open=OPEN,
        ),
        at("Dec 1 10:00", tried("call", by="bob", role="biller"), refused="wrong_role", open=OPEN),
        at("Dec 1 10:00", skipped("survey", by="bob", role="biller"), refused="wrong_role"),
        at("Dec 1 10:00", completed("call", "reached", by="lee", role="lead")),
    ),
    scenario(
        "An outcome must be one of the step's",
        CALL,
        at("Dec 1 10:00", completed("call", "reachd"), refused="unknown_outcome", open=OPEN),
        at("Dec 1 10:00", completed("call", "no_answer"), refused="unknown_outcome", open=OPEN),
        at("Dec 1 10:00", tried("call", "reached"), refused="unknown_outcome", open=OPEN),
        at("Dec 1 10:00", tried("survey", "no_answer"), refused="unknown_outcome", open=OPEN),
    ),
    scenario(
        "Only optional steps are left out",
        CALL,
        at("Dec 1 10:00", skipped("call"), refused="not_optional", open=OPEN),
    ),
    scenario(
        "A step is given only to a role of the playbook",
        CALL,
        at("Dec 1 10:00", reassigned("call", "gus", "gardener"), refused="unknown_role", open=OPEN),
    ),
    scenario(
        "A paused month is not paused again, a running one not resumed",
        CALL,
        at("Dec 1 10:00", resumed(), refused="not_paused", open=OPEN),
        at("Dec 1 10:00", paused(), status="paused"),
        at("Dec 1 10:01", paused(), refused="already_paused", status="paused"),
        at("Dec 1 10:02", resumed(), status="running"),
    ),
    scenario(
        "An event that no step starts on is refused rather than lost",
        CALL,
        at("Dec 1 10:00", happened("escalation"), refused="nothing_starts", open=OPEN),
    ),
    scenario(
        "Facts must be known and of their kind, whatever brings them",
        CALL,
        at("Dec 1 10:00", facts_changed(minuts=3), refused="unknown_fact"),
        at("Dec 1 10:00", facts_changed(minutes="three"), refused="wrong_fact"),
        at("Dec 1 10:00", facts_changed(minutes=True), refused="wrong_fact"),
        at("Dec 1 10:00", facts_changed(consent=1), refused="wrong_fact"),
        at("Dec 1 10:00", facts_changed(risk=1), refused="wrong_fact"),
        at(
            "Dec 1 10:00",
            completed("call", "reached", facts={"minuts": 3}),
            refused="unknown_fact",
            open=OPEN,
        ),
    ),
    scenario(
        "No outcome calls a month ready while something stops it",
        plan(
            step("bill", "1 business day", outcome_("accepted", end="ready"), owner="biller"),
            ready=readiness("consent"),
        ),
        at("Dec 1 10:00", completed("bill", "accepted"), refused="blocked"),
        at("Dec 1 10:00", completed("bill", "accepted", facts={"consent": True}), ending="ready"),
    ),
)
