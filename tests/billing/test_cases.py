"""
What is billed for a month, case by case.

Each row: a promise, the line of medicare-rules that it rests on, the month, the codes with their
units, and the codes that are blocked.
"""

from dataclasses import replace

import pytest

from ccm_flow.core.billing.evaluate import evaluate
from ccm_flow.core.billing.model import BillingFacts, CarePlanFact, Place
from ccm_flow.core.ids import PersonId
from tests.support.billing import (
    HIGH,
    LOW,
    THEM,
    US,
    billed,
    complex_month,
    consent,
    day,
    discharge,
    judge,
    month,
    performed,
    readings,
    service,
    shelf,
    work,
)

Row = tuple[str, str, BillingFacts, dict[str, int], set[str]]
APCM = frozenset({"primary_care"})
LIVE = frozenset({"live_contact"})
BASE = {"99490": 1}

MINUTES: list[Row] = [
    ("no work gives nothing", "99490 row", month(), {}, set()),
    ("19:59 is not 20 minutes", "99490 row: 20 min", month("19:59"), {}, set()),
    ("20:00 is", "99490 row: 20 min", month("20:00"), BASE, set()),
    ("20:01 is too", "99490 row", month("20:01"), BASE, set()),
    ("39:59 gives no add-on", "99439 row: each full +20", month("39:59"), BASE, set()),
    ("40:00 gives one", "99439 row: 40", month("40:00"), BASE | {"99439": 1}, set()),
    ("59:59 gives one", "99439 row: 60", month("59:59"), BASE | {"99439": 1}, set()),
    (
        "60:00 without complex decisions gives two",
        "99439 row: 60",
        month("60:00"),
        BASE | {"99439": 2},
        {"99487"},
    ),
    ("80:00 gives no third", "99439 row: max 2", month("80:00"), BASE | {"99439": 2}, {"99487"}),
    ("300:00 neither", "99439 row: max 2", month("300:00"), BASE | {"99439": 2}, {"99487"}),
    (
        "seconds of several entries are summed before flooring",
        "section 2, arithmetic",
        replace(month(), time=(work("9:59"), work("10:01", at="2025-03-11T10:00"))),
        BASE,
        set(),
    ),
    (
        "entries are not floored one by one",
        "section 2, arithmetic",
        replace(month(), time=tuple(work("6:40", at=f"2025-03-{d}T10:00") for d in (10, 11, 12))),
        BASE,
        set(),
    ),
    (
        "the same entry twice counts once",
        "section 2: any minute billed elsewhere",
        replace(month(), time=(work("10:00"), work("10:00"))),
        {},
        set(),
    ),
    (
        "an entry of no length counts nothing",
        "section 2, arithmetic",
        replace(month(), time=(work("20:00"), work("0:00", at="2025-03-01T10:00"))),
        BASE,
        set(),
    ),
    (
        "staff's and the practitioner's minutes add up to 20",
        "section 1 row 99490 [S4]",
        month("12:00", "8:00"),
        BASE,
        set(),
    ),
    ("the practitioner's own 20 suffice", "row 99490 [S4]", month("", "20:00"), BASE, set()),
    (
        "the last minute of the month counts for it, on the clinic's clock",
        "section 2: carried from another month",
        replace(month(), time=(work("20:00", at="2025-03-31T23:59"),)),
        BASE,
        set(),
    ),
    (
        "work of another month does not count",
        "section 2: carried from another month [S39]",
        replace(month(), time=(work("20:00", at="2025-04-01T00:00"),)),
        {},
        set(),
    ),
    (
        "nor that of the month before",
        "section 2: carried from another month [S39]",
        replace(month(), time=(work("10:00"), work("10:00", at="2025-02-28T23:00"))),
        {},
        set(),
    ),
    (
        "minutes of another program do not count",
        "section 2: any minute billed elsewhere",
        replace(month(), time=(work("12:00"), work("8:00", program="RPM"))),
        {},
        set(),
    ),
]

COMPLEX: list[Row] = [
    (
        "at 60 the plain codes are better paid than the complex one",
        "99487 row",
        complex_month("60:00"),
        BASE | {"99439": 2},
        set(),
    ),
    (
        "whatever the decisions",
        "99487 row",
        complex_month("60:00", decisions=HIGH),
        BASE | {"99439": 2},
        set(),
    ),
    (
        "low decisions are not enough",
        "99487 row: moderate/high",
        complex_month("60:00", decisions=LOW),
        BASE | {"99439": 2},
        {"99487"},
    ),
    (
        "decisions that nobody recorded are not enough",
        "99487 row",
        complex_month("60:00", decisions=None),
        BASE | {"99439": 2},
        {"99487"},
    ),
    (
        "59:59 is not complex",
        "99487 row: 60 min",
        complex_month("59:59"),
        BASE | {"99439": 1},
        set(),
    ),
    (
        "so they are at 89:59, which is no complex add-on",
        "99489 row: 89 = 0",
        complex_month("89:59"),
        BASE | {"99439": 2},
        set(),
    ),
    ("90 gives one", "99489 row: 90", complex_month("90:00"), {"99487": 1, "99489": 1}, set()),
    ("119 still one", "99489 row: 120", complex_month("119:59"), {"99487": 1, "99489": 1}, set()),
    ("120 gives two", "99489 row: 120", complex_month("120:00"), {"99487": 1, "99489": 2}, set()),
    (
        "ten at most",
        "99489 row: MUE 10",
        complex_month("600:00"),
        {"99487": 1, "99489": 10},
        set(),
    ),
    (
        "a plan not touched this month is not complex care",
        "section 6, 5: default strict",
        month("60:00", decision_making=HIGH),
        BASE | {"99439": 2},
        {"99487"},
    ),
    (
        "a plan established this month is",
        "section 6, 5",
        month(
            "90:00",
            decision_making=HIGH,
            care_plan=CarePlanFact(day("2025-03-05"), day("2025-03-06")),
        ),
        {"99487": 1, "99489": 1},
        set(),
    ),
    (
        "a plan revised last month is not",
        "section 6, 5",
        month(
            "60:00",
            decision_making=HIGH,
            care_plan=CarePlanFact(day("2025-01-03"), day("2025-01-03"), day("2025-02-27")),
        ),
        BASE | {"99439": 2},
        {"99487"},
    ),
    (
        "the add-on never stands without its base",
        "pairs: add-on without base [S25]",
        complex_month("90:00", decisions=LOW),
        BASE | {"99439": 2},
        {"99487"},
    ),
]

OWN_TIME: list[Row] = [
    ("29:59 of one's own is staff's code", "99491 row: 30", month("", "29:59"), BASE, set()),
    ("30:00 is one's own code", "99491 row: 30", month("", "30:00"), {"99491": 1}, set()),
    (
        "59:59 is better paid by staff's codes, which it may count for",
        "99437 row: 60",
        month("", "59:59"),
        BASE | {"99439": 1},
        set(),
    ),
    ("so is 60", "99437 row: 60", month("", "60:00"), BASE | {"99439": 2}, set()),
    ("90 gives two", "99437 row: 90", month("", "90:00"), {"99491": 1, "99437": 2}, set()),
    (
        "150 gives no third",
        "99437 row: MUE 2",
        month("", "150:00"),
        {"99491": 1, "99437": 2},
        set(),
    ),
    (
        "staff's minutes never reach the practitioner's code",
        "section 2, arithmetic",
        month("25:00", "29:00"),
        BASE | {"99439": 1},
        set(),
    ),
    (
        "of two ways the better paid is taken",
        "pairs: families, pick one",
        month("20:00", "30:00"),
        BASE | {"99439": 1},
        set(),
    ),
    (
        "and it may be the practitioner's",
        "pairs: families, pick one",
        month("5:00", "30:00"),
        {"99491": 1},
        set(),
    ),
    (
        "an assessment stands beside the minutes",
        "G0506 row",
        month("20:00", performed=(performed("G0506", "2025-03-04"),)),
        BASE | {"G0506": 1},
        set(),
    ),
    (
        "and is paid once",
        "G0506 row: once",
        month(
            "20:00",
            performed=(performed("G0506", "2025-03-04"),),
            services=(service("G0506", "2024-02-01", US),),
        ),
        BASE,
        {"G0506"},
    ),
    (
        "twice in a month is one unit",
        "G0506 row: once",
        month(performed=(performed("G0506", "2025-03-04"), performed("G0506", "2025-03-05"))),
        {"G0506": 1},
        set(),
    ),
]

WHOLE: set[str] = {"99490"}
NEEDS: list[Row] = [
    ("no consent, no bill", "section 2, consent", month("20:00", consent=None), {}, WHOLE),
    (
        "a declined one is none",
        "section 2, consent",
        month("20:00", consent=consent("2025-01-03T09:00", accepted=False)),
        {},
        WHOLE,
    ),
    (
        "one for another practitioner is none",
        "section 2, consent: unless practitioner changes",
        month("20:00", consent=consent("2025-01-03T09:00", THEM)),
        {},
        WHOLE,
    ),
    (
        "work before the consent does not count",
        "section 2: pre-consent outreach",
        month("20:00", consent=consent("2025-03-10T10:30")),
        {},
        set(),
    ),
    (
        "work after it does",
        "section 2: consent before service",
        month("20:00", consent=consent("2025-03-10T09:59")),
        BASE,
        set(),
    ),
    (
        "work from the very minute on counts",
        "section 2: consent before service",
        month("20:00", consent=consent("2025-03-10T10:00")),
        BASE,
        set(),
    ),
    (
        "only the work after it makes up the threshold",
        "section 2: pre-consent outreach",
        replace(
            month(consent=consent("2025-03-12T00:00")),
            time=(work("15:00"), work("19:00", at="2025-03-13T10:00")),
        ),
        {},
        set(),
    ),
    (
        "a month in which it was revoked is still billed",
        "section 2, consent: end of calendar month",
        month("20:00", consent=consent("2025-01-03T09:00", last="2025-03-31")),
        BASE,
        set(),
    ),
    (
        "the month after is not",
        "section 2, consent: end of calendar month",
        month("20:00", consent=consent("2025-01-03T09:00", last="2025-02-28")),
        {},
        WHOLE,
    ),
    ("no care plan, no bill", "section 2, care plan", month("20:00", care_plan=None), {}, WHOLE),
    (
        "a plan nobody got is not enough",
        "section 2, care plan: copy [S2]",
        month("20:00", care_plan=CarePlanFact(day("2025-01-03"))),
        {},
        WHOLE,
    ),
    (
        "a plan made after the month is none",
        "section 2, care plan",
        month("20:00", care_plan=CarePlanFact(day("2025-04-01"), day("2025-04-01"))),
        {},
        WHOLE,
    ),
    (
        "one condition is too few",
        "section 2, conditions",
        month("20:00", condition_groups=1),
        {},
        WHOLE,
    ),
    ("two are enough", "section 2, conditions", month("20:00", condition_groups=2), BASE, set()),
    (
        "no starting visit, no bill",
        "section 2, initiating visit",
        month("20:00", initiating_visit_on=None),
        {},
        WHOLE,
    ),
    (
        "a visit a year before enrolling is enough",
        "section 2: within 1 year",
        month("20:00", initiating_visit_on=day("2024-01-01")),
        BASE,
        set(),
    ),
    (
        "a day more is not",
        "section 2: within 1 year",
        month("20:00", initiating_visit_on=day("2023-12-31")),
        {},
        WHOLE,
    ),
    (
        "a visit after the work is not",
        "section 2, initiating visit",
        month("20:00", initiating_visit_on=day("2025-03-11")),
        {},
        WHOLE,
    ),
]


def beside(
    code: str, who: str | None = THEM, on: str = "2025-03-20", left: str = ""
) -> BillingFacts:
    person = None if who is None else PersonId(who)
    return month("20:00", services=(service(code, on, person, left),))


def pcm(staff: str = "", own: str = "", **changes: object) -> BillingFacts:
    return month(staff, own, programs=("PCM",), **changes)


NEIGHBOURS: list[Row] = [
    (
        "another practitioner billed",
        "pairs: two practitioners [S2,S25]",
        beside("99490"),
        {},
        WHOLE,
    ),
    (
        "an unknown one counts as another",
        "pairs: two practitioners",
        beside("99490", None),
        {},
        WHOLE,
    ),
    ("we billed it already", "section 3: duplicates", beside("99490", US), {}, WHOLE),
    ("by another code of the family", "section 3: overlapping", beside("99491"), {}, WHOLE),
    (
        "last month does not matter",
        "pairs: same month",
        beside("99490", on="2025-02-28"),
        BASE,
        set(),
    ),
    ("nor does the next", "pairs: same month", beside("99490", on="2025-04-01"), BASE, set()),
    ("principal care by us", "pairs: CCM + PCM same [S9v]", beside("99426", US), {}, WHOLE),
    ("by others is a warning", "pairs: CCM + PCM different", beside("99426"), BASE, set()),
    (
        "care after a discharge stands beside",
        "pairs: CCM + TCM [S27]",
        beside("99495", left="2025-03-10"),
        BASE,
        set(),
    ),
    ("monitoring stands beside", "pairs: CCM + RPM [S28v]", beside("99454", US), BASE, set()),
    ("behavioral health too", "pairs: CCM + 99484", beside("99484", US), BASE, set()),
    ("oversight of home health blocks", "pairs: CCM + G0181 [S29]", beside("G0181"), {}, WHOLE),
    ("oversight of hospice blocks", "pairs: CCM + G0182 [S29]", beside("G0182"), {}, WHOLE),
    ("kidney care blocks", "pairs: 90951-90970 [S29]", beside("90960"), {}, WHOLE),
    ("to the last of its codes", "pairs: 90951-90970 [S29]", beside("90970"), {}, WHOLE),
    ("certifying home health does not", "pairs: G0179/G0180", beside("G0180"), BASE, set()),
    ("nor a code nobody mentions", "pairs", beside("99213"), BASE, set()),
    (
        "prolonged work beside complex care is a warning",
        "pairs: 99487 + prolonged",
        complex_month("90:00", services=(service("99358", "2025-03-20", US),)),
        {"99487": 1, "99489": 1},
        set(),
    ),
    (
        "principal care needs one condition",
        "PCM: one condition",
        pcm("30:00", condition_groups=1),
        {"99426": 1},
        set(),
    ),
    ("29:59 is not enough for it", "99426 row: 30", pcm("29:59"), {}, set()),
    ("each further 30 adds one", "99427 row: +30", pcm("60:00"), {"99426": 1, "99427": 1}, set()),
    ("up to two", "99427 row: 2", pcm("180:00"), {"99426": 1, "99427": 2}, set()),
    (
        "one's own minutes have codes of their own",
        "99424 row",
        pcm("", "60:00"),
        {"99424": 1, "99425": 1},
        set(),
    ),
    ("which stop at two", "99425 row: 2", pcm("", "150:00"), {"99424": 1, "99425": 2}, set()),
    (
        "chronic care by us blocks principal",
        "pairs: CCM + PCM same",
        pcm("30:00", services=(service("99490", "2025-03-02", US),)),
        {},
        {"99426"},
    ),
    (
        "by others it warns",
        "pairs: CCM + PCM different",
        pcm("30:00", services=(service("99490", "2025-03-02"),)),
        {"99426": 1},
        set(),
    ),
    (
        "of chronic and principal care with us, one is chosen",
        "pairs: CCM + PCM same",
        month(
            programs=("CCM", "PCM"),
            time=(work("20:00"), work("30:00", at="2025-03-11T10:00", program="PCM")),
        ),
        {"99426": 1},
        {"99490"},
    ),
    (
        "chronic care and behavioral health with us are both billed",
        "pairs: CCM + 99484",
        month(
            programs=("CCM", "BHI"),
            time=(work("20:00"), work("20:00", at="2025-03-11T10:00", program="BHI")),
        ),
        BASE | {"99484": 1},
        set(),
    ),
    (
        "collaborative care by us blocks behavioral health",
        "pairs: 99484 + CoCM [S20]",
        month("20:00", programs=("BHI",), services=(service("99492", "2025-03-02", US),)),
        {},
        {"99484"},
    ),
    (
        "by others it does not",
        "pairs: 99484 + CoCM same practitioner",
        month("20:00", programs=("BHI",), services=(service("99493", "2025-03-02"),)),
        {"99484": 1},
        set(),
    ),
]


def apcm(of: str = "2025-03", **changes: object) -> BillingFacts:
    return month(of=of, programs=("APCM",), attested=APCM, **changes)


PRIMARY: list[Row] = [
    (
        "one condition is the first level",
        "G0556 row",
        apcm(condition_groups=1),
        {"G0556": 1},
        set(),
    ),
    ("none too", "G0556 row", apcm(condition_groups=0), {"G0556": 1}, set()),
    ("two are the second", "G0557 row", apcm(condition_groups=2), {"G0557": 1}, set()),
    (
        "two and QMB are the third",
        "G0558 row",
        apcm(condition_groups=2, qmb=True),
        {"G0558": 1},
        set(),
    ),
    (
        "one and QMB are the first",
        "G0556 row",
        apcm(condition_groups=1, qmb=True),
        {"G0556": 1},
        set(),
    ),
    ("before 2025 there is none", "section 6, 3", apcm("2024-12"), {}, set()),
    ("from January 2025 there is", "section 6, 3", apcm("2025-01"), {"G0557": 1}, set()),
    (
        "a visit three years ago is enough",
        "APCM look-back [S12]",
        apcm(initiating_visit_on=day("2022-01-01")),
        {"G0557": 1},
        set(),
    ),
    (
        "a day more is not",
        "APCM look-back [S12]",
        apcm(initiating_visit_on=day("2021-12-31")),
        {},
        {"G0557"},
    ),
    (
        "all primary care must be stated",
        "APCM rows [S13v]",
        replace(apcm(), attested=frozenset()),
        {},
        {"G0557"},
    ),
    (
        "chronic care blocks it",
        "pairs: APCM + CCM [S11]",
        apcm(services=(service("99490", "2025-03-02"),)),
        {},
        {"G0557"},
    ),
    ("it blocks chronic care", "pairs: APCM + CCM [S11]", beside("G0557"), {}, WHOLE),
    (
        "a virtual check-in by us blocks it",
        "pairs: APCM [S11]",
        apcm(services=(service("98016", "2025-03-02", US),)),
        {},
        {"G0557"},
    ),
    (
        "a consultation by us too",
        "pairs: APCM [S11]",
        apcm(services=(service("99447", "2025-03-02", US),)),
        {},
        {"G0557"},
    ),
    (
        "monitoring does not",
        "pairs: APCM + RPM [S14v]",
        apcm(services=(service("99457", "2025-03-02", US),)),
        {"G0557": 1},
        set(),
    ),
    (
        "nor community health",
        "pairs: APCM + CHI [S12]",
        apcm(services=(service("G0019", "2025-03-02", US),)),
        {"G0557": 1},
        set(),
    ),
    (
        "in 2025 behavioral health does not",
        "pairs: APCM + 99484",
        apcm(services=(service("99484", "2025-03-02", US),)),
        {"G0557": 1},
        set(),
    ),
    (
        "care after a discharge that reaches into the month blocks it",
        "TCM overlap tests the 30-day window",
        apcm(services=(service("99495", "2025-02-20", US, "2025-02-10"),)),
        {},
        {"G0557"},
    ),
    (
        "one whose 30 days ended before does not",
        "TCM overlap tests the 30-day window",
        apcm(services=(service("99495", "2025-02-20", US, "2025-01-30"),)),
        {"G0557": 1},
        set(),
    ),
    (
        "the thirtieth day still counts",
        "TCM overlap tests the 30-day window",
        apcm(services=(service("99495", "2025-02-10", US, "2025-01-31"),)),
        {},
        {"G0557"},
    ),
    (
        "in 2026 its behavioral add-on goes with it",
        "G0568-70 row [S14v]",
        apcm("2026-03", performed=(performed("G0570", "2026-03-04"),)),
        {"G0557": 1, "G0570": 1},
        set(),
    ),
    (
        "which has no base without it",
        "pairs: add-on without base",
        replace(
            apcm("2026-03", performed=(performed("G0570", "2026-03-04"),)), attested=frozenset()
        ),
        {},
        {"G0557", "G0570"},
    ),
    (
        "and gives way to behavioral health that was billed",
        "pairs: APCM + 99484, 2026",
        apcm(
            "2026-03",
            performed=(performed("G0570", "2026-03-04"),),
            services=(service("99484", "2026-03-02", US),),
        ),
        {"G0557": 1},
        {"G0570"},
    ),
    (
        "behavioral health alone stands beside it in 2026",
        "pairs: APCM + 99484, 2026",
        apcm("2026-03", services=(service("99484", "2026-03-02", US),)),
        {"G0557": 1},
        set(),
    ),
    (
        "in 2025 there is no such add-on",
        "section 6, 4",
        apcm(performed=(performed("G0570", "2025-03-04"),)),
        {"G0557": 1},
        set(),
    ),
]


def rural(
    of: str, staff: str = "20:00", place: Place = Place.RHC, **changes: object
) -> BillingFacts:
    return month(staff, of=of, place=place, **changes)


def tcm(*discharges: object, of: str = "2025-03", **changes: object) -> BillingFacts:
    return month(of=of, programs=("TCM",), discharges=discharges, **changes)


def rpm(staff: str = "", *, of: str = "2026-03", **changes: object) -> BillingFacts:
    return month(staff, of=of, programs=("RPM",), **{"attested": LIVE, **changes})


ELSEWHERE: list[Row] = [
    (
        "in 2024 a rural clinic bills its bundle",
        "section 6, 2",
        rural("2024-05"),
        {"G0511": 1},
        {"99490"},
    ),
    (
        "so does a health center",
        "section 6, 2",
        rural("2024-05", place=Place.FQHC),
        {"G0511": 1},
        {"99490"},
    ),
    ("an office does not", "section 6, 2", rural("2024-05", place=Place.OFFICE), BASE, set()),
    (
        "several bundles in a month",
        "G0511 row: several/month in 2024",
        month(
            of="2024-05",
            place=Place.RHC,
            programs=("CCM", "BHI"),
            time=(
                work("20:00", at="2024-05-10T10:00"),
                work("20:00", at="2024-05-11T10:00", program="BHI"),
            ),
        ),
        {"G0511": 2},
        {"99490", "99484"},
    ),
    ("in 2025 it bills the better of the two", "section 6, 2", rural("2025-03"), BASE, set()),
    (
        "until September the bundle may be better",
        "section 6, 2",
        rural("2025-09", programs=("BHI",)),
        {"G0511": 1},
        set(),
    ),
    (
        "from October on there is only the code itself",
        "section 6, 2 [S23]",
        rural("2025-10", programs=("BHI",)),
        {"99484": 1},
        {"G0511"},
    ),
    ("and in 2026", "section 6, 2", rural("2026-02"), BASE, set()),
    (
        "seen within 14 days after a discharge",
        "99495 row",
        tcm(discharge("2025-03-03", "2025-03-17")),
        {"99495": 1},
        set(),
    ),
    ("15 days are too late", "99495 row", tcm(discharge("2025-03-03", "2025-03-18")), {}, set()),
    (
        "within 7 and complex",
        "99496 row",
        tcm(discharge("2025-03-03", "2025-03-10", HIGH)),
        {"99496": 1},
        set(),
    ),
    (
        "complex but on day 8",
        "99496 row",
        tcm(discharge("2025-03-03", "2025-03-11", HIGH)),
        {"99495": 1},
        set(),
    ),
    (
        "nobody called",
        "99495 row: contact",
        tcm(discharge("2025-03-03", "2025-03-10", in_time=False)),
        {},
        set(),
    ),
    ("not seen", "99495 row: visit", tcm(discharge("2025-03-03", "")), {}, set()),
    (
        "another billed for the same discharge",
        "99495 row: one practitioner",
        tcm(
            discharge("2025-03-03", "2025-03-10"),
            services=(service("99495", "2025-03-12", THEM, "2025-03-03"),),
        ),
        {},
        {"99495"},
    ),
    (
        "another discharge in its 30 days",
        "99495 row: 30 days",
        tcm(
            discharge("2025-03-20", "2025-03-25"),
            services=(service("99495", "2025-03-05", THEM, "2025-03-01"),),
        ),
        {},
        {"99495"},
    ),
    (
        "one after them",
        "99495 row: 30 days",
        tcm(
            discharge("2025-03-20", "2025-03-25"),
            services=(service("99495", "2025-02-20", THEM, "2025-02-17"),),
        ),
        {"99495": 1},
        set(),
    ),
    (
        "16 days with readings",
        "99454 row",
        rpm(device=readings(16, "2026-03-30")),
        {"99454": 1},
        set(),
    ),
    ("15 in 2026", "99445 row", rpm(device=readings(15, "2026-03-30")), {"99445": 1}, set()),
    (
        "15 before 2026",
        "99445 row: from 2026",
        rpm(of="2025-03", device=readings(15, "2025-03-30")),
        {},
        set(),
    ),
    ("one day is not enough", "99445 row: 2", rpm(device=readings(1, "2026-03-30")), {}, set()),
    (
        "a period that ends next month is not this month's",
        "99454 row: per 30 days",
        rpm(device=readings(20, "2026-04-02")),
        {},
        set(),
    ),
    ("20 minutes on readings", "99457 row", rpm("20:00"), {"99457": 1}, set()),
    ("10 in 2026", "99470 row", rpm("10:00"), {"99470": 1}, set()),
    ("10 before 2026", "99470 row: from 2026", rpm("10:00", of="2025-03"), {}, set()),
    ("60 minutes", "99458 row", rpm("60:00"), {"99457": 1, "99458": 2}, set()),
    (
        "without a live talk",
        "99457 row: live interaction",
        rpm("20:00", attested=frozenset()),
        {},
        {"99457", "99470"},
    ),
    (
        "set-up again is a warning",
        "99453 row: once per episode",
        rpm(
            performed=(performed("99453", "2026-03-02"),),
            services=(service("99453", "2025-06-01", US),),
        ),
        {"99453": 1},
        set(),
    ),
]

ALL = [*MINUTES, *COMPLEX, *OWN_TIME, *NEEDS, *NEIGHBOURS, *PRIMARY, *ELSEWHERE]


@pytest.mark.parametrize(
    ("facts", "codes", "blocked"),
    [pytest.param(*row[2:], id=f"{row[0]} ({row[1]})") for row in ALL],
)
def test_a_month_is_billed(facts: BillingFacts, codes: dict[str, int], blocked: set[str]) -> None:
    result = judge(facts)
    assert billed(result) == codes
    assert {entry.code for entry in result.blocked} == blocked


FAMILIES = [
    ("complex at 59:59", "99487 row", complex_month("59:59"), {}),
    ("complex at 60:00", "99487 row", complex_month("60:00"), {"99487": 1}),
    ("complex at 89:59", "99489 row: 89 = 0", complex_month("89:59"), {"99487": 1}),
    ("complex at 90:00", "99489 row", complex_month("90:00"), {"99487": 1, "99489": 1}),
    ("complex at 120:00", "99489 row", complex_month("120:00"), {"99487": 1, "99489": 2}),
    ("one's own at 29:59", "99491 row", month("", "29:59"), {}),
    ("one's own at 30:00", "99491 row", month("", "30:00"), {"99491": 1}),
    ("one's own at 59:59", "99437 row", month("", "59:59"), {"99491": 1}),
    ("one's own at 60:00", "99437 row", month("", "60:00"), {"99491": 1, "99437": 1}),
    ("one's own at 90:00", "99437 row", month("", "90:00"), {"99491": 1, "99437": 2}),
    ("one's own at 120:00", "99437 row: MUE 2", month("", "120:00"), {"99491": 1, "99437": 2}),
]


@pytest.mark.parametrize(
    ("facts", "codes"), [pytest.param(*row[2:], id=f"{row[0]} ({row[1]})") for row in FAMILIES]
)
def test_thresholds_where_the_better_paid_codes_are_not_there(
    facts: BillingFacts, codes: dict[str, int]
) -> None:
    book = shelf().book(facts.month)
    others = {code: rule for code, rule in book.codes.items() if code not in ("99490", "99439")}
    assert billed(evaluate(replace(book, codes=others), facts)) == codes


def test_there_are_many_cases_and_each_has_its_own_name() -> None:
    names = [(row[0], row[1]) for row in ALL]
    assert len(names) == len(set(names)) >= 80
