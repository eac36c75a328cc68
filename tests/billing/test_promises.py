"""What holds for every month, whatever the facts."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from ccm_flow.core.billing.model import (
    BillingFacts,
    DecisionMaking,
    PractitionerKind,
    ProgramId,
    Service,
    TimeFact,
    Worker,
)
from ccm_flow.core.month import Month
from tests.support.billing import THEM, US, judge, ordinary, performed, service, shelf, work

CODES = sorted({code for book in shelf().books for code in book.codes} | {"G0181", "90960"})
PROGRAMS = ("CCM", "PCM", "APCM", "RPM", "BHI")

times = st.lists(
    st.builds(
        lambda day, hour, seconds, worker, program: replace(
            work("1", worker, f"2025-06-{day:02d}T{hour:02d}:00", program), seconds=seconds
        ),
        st.integers(1, 30),
        st.integers(0, 23),
        st.integers(0, 7200),
        st.sampled_from(list(Worker)),
        st.sampled_from(PROGRAMS),
    ),
    max_size=12,
).map(lambda entries: tuple(replace(entry, id=str(i)) for i, entry in enumerate(entries)))
services = st.lists(
    st.builds(
        lambda code, day, who: service(code, f"2025-06-{day:02d}", who),
        st.sampled_from(CODES),
        st.integers(1, 30),
        st.sampled_from([US, THEM, None]),
    ),
    max_size=2,
).map(tuple)


@st.composite
def months(draw: st.DrawFn, *, alone: bool = False) -> BillingFacts:
    """Give months of any sort, with other services around them unless they stand alone."""
    programs = draw(st.sets(st.sampled_from(PROGRAMS), min_size=1))
    return replace(
        ordinary("2025-06", *programs),
        time=draw(times),
        decision_making=draw(st.none() | st.sampled_from(list(DecisionMaking))),
        condition_groups=draw(st.integers(0, 4)),
        qmb=draw(st.booleans()),
        attested=frozenset(draw(st.sets(st.sampled_from(["primary_care", "live_contact"])))),
        services=() if alone else draw(services),
        performed=(performed("G0506", "2025-06-03"),) if draw(st.booleans()) else (),
    )


@given(months())
def test_units_never_exceed_their_caps(facts: BillingFacts) -> None:
    codes = shelf().book(facts.month).codes
    for line in judge(facts).lines:
        most = codes[line.code].most.units
        assert line.units >= 1
        assert most is None or line.units <= most


@given(months())
def test_minutes_are_never_counted_twice(facts: BillingFacts) -> None:
    lines = judge(facts).lines
    for program in facts.programs:
        worked = sum(entry.seconds for entry in facts.time if entry.program == program)
        assert sum(line.seconds for line in lines if line.program == program) <= worked


@given(months())
def test_of_one_family_one_base_is_billed(facts: BillingFacts) -> None:
    codes = shelf().book(facts.month).codes
    lines = judge(facts).lines
    families = [codes[line.code].family for line in lines if not codes[line.code].base]
    assert len(families) == len(set(families))
    billed = {line.code for line in lines}
    for line in lines:
        base = codes[line.code].base
        assert not base or billed & set(base)


@given(
    months(alone=True),
    st.sampled_from(list(Worker)),
    st.sampled_from(PROGRAMS),
    st.integers(1, 7200),
    st.integers(1, 30),
)
@settings(max_examples=200)
def test_more_work_never_gives_less_money(
    facts: BillingFacts, worker: Worker, program: str, seconds: int, day: int
) -> None:
    more = replace(work("1", worker, f"2025-06-{day:02d}T12:00", program), id="more")
    after = replace(facts, time=(*facts.time, replace(more, seconds=seconds)))
    before_money, after_money = judge(facts).amount, judge(after).amount
    assert before_money is not None
    assert after_money is not None
    assert after_money >= before_money


@given(months(), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(facts: BillingFacts, order: random.Random) -> None:
    time, around = list(facts.time), list(facts.services)
    order.shuffle(time)
    order.shuffle(around)
    mixed = replace(facts, time=tuple(time), services=tuple(around))
    assert judge(mixed) == judge(facts) == judge(facts)


@given(months())
def test_every_line_is_argued_and_every_block_has_its_rule(facts: BillingFacts) -> None:
    result = judge(facts)
    for line in result.lines:
        assert any(line.code in sentence for sentence in line.reasoning)
        assert facts.month.first_day <= line.on <= facts.month.last_day
    for entry in result.blocked:
        assert entry.why.endswith(".")
        assert entry.basis.source
    assert all(not sentence.startswith("?") for sentence in result.reasoning)


@given(months())
def test_money_is_split_without_a_cent_more(facts: BillingFacts) -> None:
    for line in judge(facts).lines:
        assert line.amount is not None
        assert line.medicare_pays is not None
        assert line.patient_share is not None
        assert line.medicare_pays + line.patient_share <= line.amount + Decimal("0.01")


@given(months(), st.sampled_from(list(PractitionerKind)))
def test_nobody_is_paid_more_than_a_physician(facts: BillingFacts, kind: PractitionerKind) -> None:
    other = replace(facts, practitioner=replace(facts.practitioner, kind=kind))
    paid, physician = judge(other).amount, judge(facts).amount
    assert paid is not None
    assert physician is not None
    assert paid <= physician


@given(times, st.sampled_from(list(Worker)))
def test_the_day_a_sum_is_reached_is_the_first_such_day(
    entries: tuple[TimeFact, ...], worker: Worker
) -> None:
    facts = replace(ordinary("2025-06", "CCM"), time=entries)
    counting = sorted(
        (entry for entry in entries if entry.program == ProgramId("CCM") and entry.seconds),
        key=lambda entry: entry.started_at,
    )
    line = next((line for line in judge(facts).lines if line.code == "99490"), None)
    if line is None or len(judge(facts).lines) > 1:
        return
    so_far = 0
    for entry in counting:
        so_far += entry.seconds
        if so_far >= 1200:
            reached = entry.started_at + timedelta(seconds=1200 - so_far + entry.seconds)
            assert line.on == min(reached.date(), Month(2025, 6).last_day)
            return


@given(services)
def test_services_alone_never_raise(around: tuple[Service, ...]) -> None:
    assert judge(replace(ordinary("2025-06"), services=around)).lines == ()
