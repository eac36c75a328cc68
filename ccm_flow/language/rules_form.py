"""The form of rule files and of locality files, for the check of settings."""

from types import MappingProxyType
from typing import Final

from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.rules_source import (
    AttestedSource,
    CapSource,
    CitedSource,
    CodeSource,
    ConditionsSource,
    DaysSource,
    DecisionSource,
    DischargeSource,
    EachMoreSource,
    ElsewhereSource,
    FamilySource,
    InsteadSource,
    LocalitySource,
    MinutesSource,
    NeedSource,
    NeedsSource,
    PairSource,
    PayableSource,
    PaymentSource,
    PercentSource,
    PlacesSource,
    ProgramSource,
    QmbSource,
    QualifyingSource,
    RateSource,
    RecordedSource,
    RulesSource,
    VisitSource,
)
from ccm_flow.language.schema import Form

_HINTS: Final = MappingProxyType(
    {
        "source": "Add `source:` with a name from `sources:`; a rule that nobody said is no rule.",
        "status": "Add `status:`: confirmed, vendor, or verify when it is from memory.",
        "most": "Add `most: {units: 1, ...}`; `units: null` when there is no limit.",
        "amount": "Add `amount:`; write `unknown` when no source gives it.",
        "why": "Add `why:` with a sentence that a biller can read.",
    }
)


def _thing(path: Path, report: Report) -> str:
    """Name what a path leads to: `'minutes' of code '99490'`."""
    if not path:
        return "The file"
    if path[0] == "concurrency" and len(path) > 1:
        id_ = report.document.at((*path[:2], "id"))
        named = f"'{id_[:60]}'" if isinstance(id_, str) else f"{int(path[1]) + 1}"
        return f"Concurrency rule {named}"
    kinds = {"codes": "code", "programs": "program", "families": "family", "elsewhere": "group"}
    kind = kinds.get(str(path[0]))
    if kind is None or len(path) < 2:
        return f"'{path[-1]}'"
    named = f"{kind} '{path[1]}'"
    if len(path) == 2:
        return named[0].upper() + named[1:]
    last = path[-1]
    part = f"'{last}'" if isinstance(last, str) else f"Item {last + 1} of '{path[-2]}'"
    return f"{part} of {named}"


RULES_FORM: Final = Form(
    root=RulesSource,
    shapes=MappingProxyType(
        {
            "payment": PaymentSource,
            "medicare": PercentSource,
            "sequestration": PercentSource,
            "reduced": PercentSource,
            "whole": PlacesSource,
            "qualifying": QualifyingSource,
            "paid_at": PlacesSource,
            "programs": ProgramSource,
            "families": FamilySource,
            "elsewhere": ElsewhereSource,
            "codes": CodeSource,
            "concurrency": PairSource,
            "needs": NeedsSource,
            "when": NeedsSource,
            "consent": NeedSource,
            "care_plan": NeedSource,
            "care_plan_shared": NeedSource,
            "care_plan_revised": NeedSource,
            "conditions": ConditionsSource,
            "initiating_visit": VisitSource,
            "decision_making": DecisionSource,
            "qmb": QmbSource,
            "attested": AttestedSource,
            "minutes": MinutesSource,
            "each_more": EachMoreSource,
            "monthly": CitedSource,
            "recorded": RecordedSource,
            "days": DaysSource,
            "discharge": DischargeSource,
            "instead": InsteadSource,
            "most": CapSource,
            "payable": PayableSource,
            "rates": RateSource,
        }
    ),
    named=frozenset(["programs", "families", "elsewhere", "codes"]),
    left_out_hints=_HINTS,
    codes="RB",
    what="A file of billing rules",
    start="rules: medicare-2027",
    thing=_thing,
)
LOCALITY_FORM: Final = Form(
    root=LocalitySource,
    shapes=MappingProxyType({}),
    named=frozenset(),
    left_out_hints=_HINTS,
    codes="RB",
    what="A file of a locality's amounts",
    start='locality: "18102"',
    thing=_thing,
)
