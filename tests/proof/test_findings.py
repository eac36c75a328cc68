"""Playbooks broken on purpose: each way of breaking gives its own finding, with a short story."""

from collections.abc import Iterable

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.core.ids import PersonId, RoleId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlanStep, PlaybookKind
from ccm_flow.proof import Bounds, Finding, Found, Setting, proof_as_json, prove, render_proof
from tests.support.plans import (
    after_all,
    attempts,
    fact,
    outcome,
    plan,
    readiness,
    step,
)

MONTH = Month.parse("2026-12")
CLOSING = step("bill", "business day -1", outcome("accepted", end="ready"), at="business day -3")


def december(kind: PlaybookKind = PlaybookKind.MONTHLY) -> Setting:
    """Give December 2026 in New York; Christmas is a Friday."""
    return Setting(MONTH, month_calendar(ClinicHours("America/New_York"), MONTH, kind))


def found_in(broken: Plan, setting: Setting | None = None) -> list[Found]:
    """Prove a playbook and give what was found."""
    return list(prove(broken, setting or december(broken.kind)).found)


def story_of(found: Found) -> list[str]:
    """Write a story as people see it."""
    return [f"{line.when} {line.text}" for line in found.story]


def only(found: Iterable[Found]) -> Found:
    """Take the only finding there is."""
    found = list(found)
    assert len(found) == 1, [(one.finding, one.sentence) for one in found]
    return found[0]


def enrollment(*steps: PlanStep) -> Plan:
    """Give an enrollment that closes after ten business days."""
    return plan(*steps, closes="10 business days", kind=PlaybookKind.ENROLLMENT)


def test_a_sound_playbook_is_proved() -> None:
    """Nothing is found, and the report says what holds."""
    proof = prove(plan(step("call"), CLOSING), december())
    assert proof.holds
    assert not proof.stopped
    assert "test version 1, 2026-12: proved." in render_proof(proof)


def test_an_outcome_that_leads_nowhere_leaves_nobody_with_the_patient() -> None:
    """The story is the shortest: one call."""
    broken = enrollment(
        step("ask", "1 business day", "yes", "later"),
        step("sign", "1 business day", outcome("signed", end="enrolled"), after="ask.yes"),
    )
    found = only(found_in(broken))
    assert found.finding is Finding.NOBODY_HAS_IT
    assert found.sentence == (
        "Nobody has the patient between Dec 1 09:00 and the close on Dec 15 17:00."
    )
    assert story_of(found) == [
        "Dec 1 09:00 'Ask' opens for Coordinator (Ann), due Dec 2 17:00.",
        "Dec 1 09:00 Coordinator (Ann) completes 'Ask' as 'Later'.",
    ]


def test_a_step_that_expires_without_a_next_leaves_nobody_with_the_patient() -> None:
    """Only a missed deadline shows it."""
    broken = enrollment(
        step("ask", "1 business day", ladder=["when due: remind", "1 business day late: expire"]),
        step("sign", "1 business day", outcome("signed", end="enrolled"), after="ask"),
    )
    found = only(found_in(broken))
    assert found.finding is Finding.NOBODY_HAS_IT
    assert story_of(found) == [
        "Dec 1 09:00 'Ask' opens for Coordinator (Ann), due Dec 2 17:00.",
        "Dec 2 17:00 Coordinator (Ann) is reminded of 'Ask'.",
        "Dec 3 17:00 'Ask' is withdrawn: nobody did it in time.",
    ]


def test_a_requirement_that_no_step_fixes_leaves_nobody_with_the_patient() -> None:
    """Two weeks before the close somebody could still act."""
    broken = plan(
        step("call", "business day 3"),
        step("sign", "1 business day", fixes="signed_notes"),
        ready=readiness("signed_notes", "consent", starts="business day -8"),
    )
    found = {one.finding: one for one in found_in(broken)}
    assert list(found) == [Finding.NOBODY_HAS_IT]


def test_what_is_lost_again_after_the_month_was_ready_is_followed() -> None:
    """Coverage that is missing early is put right; when it ends late, nobody is asked."""
    verify = step("verify", "1 business day", fixes="coverage", when=fact("days_left", ">", 3))
    broken = plan(step("call"), verify, ready=readiness("coverage", starts="business day -8"))
    found = only(found_in(broken))
    assert found.finding is Finding.NOBODY_HAS_IT
    told = story_of(found)
    assert any(
        line.endswith("The record changes. The record now says coverage: no.") for line in told
    )
    assert told[-1].endswith("The readiness check finds: no Medicare Part B coverage.")


def test_what_no_proof_explores_is_said_in_every_report() -> None:
    """In the text and in the JSON."""
    proof = prove(plan(step("call"), CLOSING), december())
    assert "Not explored in any proof: two events from outside" in render_proof(proof)
    assert "a second pause" in proof_as_json(proof)["not_explored"]


def test_outcomes_that_lead_to_the_same_are_all_known_to_be_possible() -> None:
    """One of them is tried for all."""
    assert found_in(plan(step("call", "1 week", "fine", "good", "splendid"), CLOSING)) == []


def test_only_one_step_is_late_at_a_time_where_too_much_meets() -> None:
    """A missed deadline anywhere in a long chain is still found."""
    chain = [step("s0", "1 day")]
    for number in range(1, 8):
        ladder = ["1 business day late: expire"] if number == 5 else ["when due: remind"]
        chain.append(step(f"s{number}", "1 day", after=f"s{number - 1}", ladder=ladder))
    last = step("end", "1 day", outcome("yes", end="enrolled"), after="s7")
    found = only(found_in(enrollment(*chain, last)))
    assert found.finding is Finding.NOBODY_HAS_IT
    assert any("'S5' is withdrawn" in line for line in story_of(found))


def test_an_ending_without_a_reason_is_found() -> None:
    """Not ready must say why."""
    broken = plan(step("call", "2 business days", "done", outcome("no", end="not_ready")), CLOSING)
    found = only(found_in(broken))
    assert found.finding is Finding.UNNAMED_ENDING
    assert found.step == "call"
    assert story_of(found)[-2:] == [
        "Dec 1 09:00 Coordinator (Ann) completes 'Call' as 'No'.",
        "Dec 1 09:00 It ends as not ready.",
    ]


def test_a_circle_that_no_outcome_leaves_is_found() -> None:
    """It goes round until the engine itself stops it."""
    broken = plan(
        step("call", "1 business day", "done"),
        step("ask", "1 business day", outcome("sent", go="answer"), after="call"),
        step("answer", "1 business day", outcome("back", go="ask")),
        CLOSING,
    )
    found = only(found_in(broken))
    assert found.finding is Finding.GOES_ROUND
    assert len([line for line in story_of(found) if "completes" in line]) == 25


def test_a_circle_with_a_way_out_is_sound() -> None:
    """Going round is followed twice and left there, which the report says."""
    proof = prove(
        plan(
            step("call"),
            step("ask", "1 day", "clear", outcome("unclear", go="answer"), after="call"),
            step("answer", "1 business day", outcome("back", go="ask")),
            CLOSING,
        ),
        december(),
    )
    assert proof.holds
    assert "Work that goes round was followed 2 times" in render_proof(proof)


def test_a_condition_that_never_holds_when_it_is_asked_is_found() -> None:
    """There are never 15 business days left on the 11th."""
    late = step("check", at="business day 11", when=fact("days_left", ">", 15))
    found = only(found_in(plan(step("call"), late, CLOSING)))
    assert (found.finding, found.step) == (Finding.NEVER_OPENS, "check")
    assert story_of(found)[-1] == "Dec 15 09:00 'Check' is skipped: condition did not hold."


def test_a_condition_on_the_record_is_tried_both_ways() -> None:
    """Minutes may be short on the 11th or not."""
    asks = step("check", at="business day 11", when=fact("minutes", "<", 20))
    assert found_in(plan(step("call"), asks, CLOSING)) == []


def test_a_step_that_waits_for_what_never_happens_is_found() -> None:
    """Attempts always come to an end before the fifth is made."""
    tries = attempts(5, "3 business days")
    call = step(
        "call", "5 business days", "reached", "unreachable",
        tries=tries, ladder=["when due: expire"],
    )  # fmt: skip
    letter = step("letter", after="call.unreachable")
    found = {(one.finding, one.step): one for one in found_in(plan(call, letter, CLOSING))}
    assert set(found) == {(Finding.OUTCOME_NEVER, "call"), (Finding.WAITS_IN_VAIN, "letter")}
    assert found[Finding.OUTCOME_NEVER, "call"].sentence == (
        "'Call' never ends as 'Unreachable': it is over before attempt 5 is made."
    )
    assert "call.unreachable" in found[Finding.WAITS_IN_VAIN, "letter"].sentence


def test_a_step_that_waits_for_two_things_that_exclude_each_other_is_found() -> None:
    """No call ends in both ways."""
    both = step("both", after=after_all("call.reached", "call.refused"))
    found = only(found_in(plan(step("call", "1 week", "reached", "refused"), both, CLOSING)))
    assert (found.finding, found.step) == (Finding.WAITS_IN_VAIN, "both")


def test_a_fixing_step_that_comes_too_late_is_found() -> None:
    """Its condition asks for more days than are left when the check starts."""
    late = step("sign", "1 day", fixes="signed_notes", when=fact("days_left", ">", 9))
    broken = plan(step("call"), late, CLOSING, ready=readiness("signed_notes"))
    assert [(one.finding, one.step) for one in found_in(broken)] == [(Finding.NEVER_FIXES, "sign")]


def test_a_vacant_role_is_found() -> None:
    """The step falls to the program owner, who does not know it."""
    broken = plan(step("call"), step("check", after="call", owner="nurse"), CLOSING)
    setting = december()
    team = {role: who for role, who in setting.people(broken).items() if role != "nurse"}
    found = only(found_in(broken, setting.staffed(team)))
    assert (found.finding, found.step) == (Finding.NO_OWNER, "check")
    assert found.sentence == (
        "Nobody is there to answer for 'Check': the role 'Nurse' has no person."
    )
    assert story_of(found)[-1].endswith("'Check' opens for Lead (Dana), due Dec 3 17:00.")


def test_a_rung_that_gives_work_to_a_vacant_role_is_found() -> None:
    """Only a missed deadline shows it."""
    broken = plan(step("call", ladder=["1 business day late: reassign nurse"]), CLOSING)
    team = {RoleId("coordinator"): PersonId("Ann"), RoleId("lead"): PersonId("Eve")}
    found = only(found_in(broken, december().staffed(team)))
    assert (found.finding, found.step) == (Finding.NO_OWNER, "call")
    assert story_of(found)[-1] == (
        "Dec 4 17:00 'Call' is taken from Coordinator (Ann) and given to Lead (Eve)."
    )


def test_a_playbook_that_cannot_end_well_is_found() -> None:
    """Somebody is always sent away."""
    broken = enrollment(
        step("ask", "20 business days", outcome("no", end="not_enrolled", because="no"))
    )
    found = only(found_in(broken))
    assert found.finding is Finding.NEVER_ENDS_WELL
    assert found.sentence == "No course of events ends as enrolled."


def test_the_bound_on_states_is_said() -> None:
    """What was not explored is not claimed."""
    proof = prove(plan(step("call"), CLOSING), december(), Bounds(states=3))
    assert proof.stopped
    assert "Stopped at the bound of 3 states" in render_proof(proof)
    assert proof_as_json(proof)["complete"] is False


def test_findings_are_plain_values_in_json() -> None:
    """A story keeps its instants."""
    broken = plan(step("call", "2 business days", outcome("no", end="not_ready")), CLOSING)
    given = proof_as_json(prove(broken, december()))
    assert given["holds"] is False
    assert given["found"][0]["finding"] == "unnamed_ending"
    assert given["found"][0]["story"][0]["at"] == "2026-12-01T05:00:00+00:00"
