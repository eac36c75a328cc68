"""
Services beside each other.

Each row: a promise, its line of medicare-rules, the month, the codes, the blocked codes.
"""

import pytest

from ccm_flow.core.billing.model import BillingFacts
from tests.support.billing import (
    BASE,
    US,
    Row,
    assert_row,
    beside,
    complex_month,
    month,
    rows,
    service,
    work,
)

WHOLE: set[str] = {"99490"}


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


@pytest.mark.parametrize(("facts", "codes", "blocked"), rows(NEIGHBOURS))
def test_a_month_is_billed(facts: BillingFacts, codes: dict[str, int], blocked: set[str]) -> None:
    assert_row(facts, codes, blocked)
