"""Which step follows which: conditions, joins, loops, dates and repeats."""

from tests.support.plans import after_all, after_any, ended, fact, outcome, plan, step
from tests.support.scenario import Row, Scenario, at, completed, scenario, skipped

LOOP = plan(
    step("prepare", "1 business day"),
    step("ask", "1 business day", outcome("again", go="ask"), "enough", after="prepare"),
)


def _key(step_id: str, round_: int) -> str:
    return step_id if round_ == 1 else f"{step_id}~{round_}"


DAILY = [1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 21, 22, 23, 24, 28, 29, 30, 31]
"""The business days of December 2026."""


def _daily_rows() -> list[Row]:
    return [
        at(f"Dec {day} 10:00", completed(_key("check", round_)), open={})
        for round_, day in enumerate(DAILY, start=1)
    ]


SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "A step whose condition does not hold is skipped and the flow goes on",
        plan(
            step("call", "3 business days"),
            step("top_up", "3 business days", after="call", when=fact("minutes", "<", 20)),
            step("sign", "1 business day", after="top_up"),
        ),
        at(
            "Dec 2 10:00",
            completed("call", facts={"minutes": 20}),
            open={"sign": "ann until Dec 3 17:00"},
            ended={"top_up": "skipped"},
        ),
    ),
    scenario(
        "A condition is judged when the step opens, with what is known then",
        plan(
            step("call", "3 business days"),
            step("top_up", "3 business days", after="call", when=fact("minutes", "<", 20)),
        ),
        at(
            "Dec 2 10:00",
            completed("call", facts={"minutes": 19}),
            open={"top_up": "ann until Dec 7 17:00"},
        ),
        facts={"minutes": 30},
    ),
    scenario(
        "Conditions know how many business days are left",
        plan(
            step("early", "1 business day", at="business day 20", when=fact("days_left", ">", 2)),
            step("late", "1 business day", at="business day 21", when=fact("days_left", ">", 2)),
        ),
        at("Dec 29 09:00", open={"early": "ann until Dec 30 17:00"}),
        at("Dec 30 09:00", ended={"late": "skipped"}),
    ),
    scenario(
        "A step that waits for two opens after the second",
        plan(
            step("call", "3 business days"),
            step("review", "3 business days", owner="nurse"),
            step("sign", "1 business day", after=after_all("call", "review")),
        ),
        at("Dec 1 10:00", completed("call"), open={"review": "nat until Dec 4 17:00"}),
        at("Dec 2 10:00", completed("review"), open={"sign": "ann until Dec 3 17:00"}),
    ),
    scenario(
        "A step that waits for either opens after the first, and only once",
        plan(
            step("call", "3 business days"),
            step("review", "3 business days"),
            step("sign", "1 business day", after=after_any("call", "review")),
        ),
        at(
            "Dec 1 10:00",
            completed("call"),
            open={"review": "ann until Dec 4 17:00", "sign": "ann until Dec 2 17:00"},
        ),
        at("Dec 1 11:00", completed("sign")),
        at("Dec 2 10:00", completed("review"), open={}),
    ),
    scenario(
        "An outcome opens what waits for it and nothing else",
        plan(
            step("call", "3 business days", "well", "unwell"),
            step("note", "1 business day", after="call.well"),
            step("triage", "1 business day", after="call.unwell", owner="nurse"),
            step("sign", "1 business day", after=after_any("note", "triage")),
        ),
        at("Dec 1 10:00", completed("call", "unwell"), open={"triage": "nat until Dec 2 17:00"}),
        at("Dec 1 11:00", completed("triage"), open={"sign": "ann until Dec 2 17:00"}),
    ),
    scenario(
        "A step that waits for another's end opens even when that one expired",
        plan(
            step("call", "1 business day", ladder=["when due: expire"]),
            step("sign", "1 business day", after=ended("call")),
        ),
        at("Dec 2 16:59", open={"call": "ann until Dec 2 17:00"}),
        at("Dec 2 17:00", open={"sign": "ann until Dec 3 17:00"}),
    ),
    scenario(
        "A step that can no longer open is over for those who wait for its end",
        plan(
            step("call", "3 business days", "well", "unwell"),
            step("triage", "1 business day", after="call.unwell"),
            step("visit", "1 business day", after="triage"),
            step("sign", "1 business day", after=ended("visit")),
        ),
        at("Dec 1 10:00", completed("call", "well"), open={"sign": "ann until Dec 2 17:00"}),
    ),
    scenario(
        "A step that can still open is not over",
        plan(
            step("call", "3 business days", "well", "unwell"),
            step("triage", "1 business day", after="call.unwell"),
            step("visit", "1 business day", after="triage"),
            step("sign", "1 business day", after=ended("visit")),
        ),
        at("Dec 1 10:00", completed("call", "unwell"), open={"triage": "ann until Dec 2 17:00"}),
        at("Dec 1 11:00", completed("triage"), open={"visit": "ann until Dec 2 17:00"}),
        at("Dec 1 12:00", completed("visit"), open={"sign": "ann until Dec 2 17:00"}),
    ),
    scenario(
        "A step that waits for something that will never be done never opens",
        plan(
            step("call", "3 business days", "well", "unwell"),
            step("triage", "1 business day", after="call.unwell"),
            step("sign", "1 business day", after=after_all("call", "triage")),
        ),
        at("Dec 1 10:00", completed("call", "well"), open={}),
        at("Jan 6 17:00", open={}, ending="ready"),
    ),
    scenario(
        "Two steps that expire together lead on before anything counts as over",
        plan(
            step("call", "1 business day", ladder=["when due: expire"]),
            step(
                "visit",
                "1 business day",
                outcome("missed", go="letter"),
                ladder=["when due: expire as missed"],
            ),
            step("letter", "1 business day"),
            step("sign", "1 business day", after=ended("letter")),
        ),
        at("Dec 2 17:00", open={"letter": "ann until Dec 3 17:00"}),
        at("Dec 3 12:00", completed("letter"), open={"sign": "ann until Dec 4 17:00"}),
    ),
    scenario(
        "What follows a step follows its second round too",
        plan(
            step("prepare", "1 business day"),
            step("call", "1 business day", after="prepare"),
            step("sign", "1 business day", "fine", outcome("redo", go="call"), after="call"),
        ),
        at("Dec 1 09:00", completed("prepare")),
        at("Dec 1 10:00", completed("call"), open={"sign": "ann until Dec 2 17:00"}),
        at("Dec 1 11:00", completed("sign", "redo"), open={"call~2": "ann until Dec 2 17:00"}),
        at("Dec 1 12:00", completed("call~2"), open={"sign~2": "ann until Dec 2 17:00"}),
        at("Dec 1 13:00", completed("sign~2", "fine"), open={}),
    ),
    scenario(
        "An outcome that names a step already open does not open it twice",
        plan(
            step("prepare", "1 business day"),
            step("review", "1 business day", outcome("ask", go="call"), "fine"),
            step("call", "1 business day", after="prepare"),
        ),
        at("Dec 1 09:00", completed("prepare")),
        at("Dec 1 10:00", completed("review", "ask"), open={"call": "ann until Dec 2 17:00"}),
    ),
    scenario(
        "A loop stops after twelve rounds and the program owner is asked",
        LOOP,
        at("Dec 1 09:00", completed("prepare")),
        *[
            at(f"Dec 1 10:{minute:02}", completed(_key("ask", minute), "again"))
            for minute in range(1, 12)
        ],
        at("Dec 1 10:59", open={"ask~12": "ann until Dec 2 17:00"}),
        at("Dec 1 11:00", completed("ask~12", "again"), open={}, told=["ask lee: ask~12"]),
        at("Jan 6 16:59", open={}),
    ),
    scenario(
        "A step with a date opens when the clinic does on that day",
        plan(step("top_up", "1 business day", at="business day 12")),
        at("Dec 16 08:59", open={}),
        at("Dec 16 09:00", open={"top_up": "ann until Dec 17 17:00"}),
    ),
    scenario(
        "A step with a date and something to wait for opens when both have come",
        plan(
            step("call", "month end"),
            step("top_up", "1 business day", at="business day 5", after="call"),
            step("review", "1 business day", at="business day 12", after="call"),
        ),
        at("Dec 9 10:00", open={"call": "ann until Dec 31 17:00"}),
        at("Dec 10 10:00", completed("call"), open={"top_up": "ann until Dec 11 17:00"}),
        at("Dec 11 10:00", completed("top_up"), open={}),
        at("Dec 16 09:00", open={"review": "ann until Dec 17 17:00"}),
    ),
    scenario(
        "A weekly step comes round again, but not while it is open nor after the month's end",
        plan(step("check", "2 business days", every="1 week")),
        at("Dec 3 10:00", completed("check"), open={}),
        at("Dec 8 08:59", open={}),
        at("Dec 8 09:00", open={"check~2": "ann until Dec 10 17:00"}),
        at("Dec 15 09:00", open={"check~2": "ann until Dec 10 17:00, late"}),
        at("Dec 17 10:00", completed("check~2"), open={"check~3": "ann until Dec 21 17:00"}),
        at("Dec 18 10:00", completed("check~3"), open={}),
        at("Dec 24 09:00", completed("check~4"), open={}),
        at("Dec 31 09:00", completed("check~5"), open={}),
        at("Jan 6 16:59", open={}),
    ),
    scenario(
        "A daily step is not stopped by the number of its rounds",
        plan(step("check", "1 business day", every="1 business day")),
        *_daily_rows(),
        at("Jan 6 16:59", open={}),
    ),
    scenario(
        "A step repeated within the day comes after that time, not at once",
        plan(step("check", "1 business day", every="2 business hours")),
        at("Dec 1 10:00", completed("check"), open={}),
        at("Dec 1 10:59", open={}),
        at("Dec 1 11:00", open={"check~2": "ann until Dec 2 17:00"}),
    ),
    scenario(
        "An optional step may be left out by its owner, and the flow goes on",
        plan(
            step("survey", "2 business days", optional=True),
            step("sign", "1 business day", after="survey"),
        ),
        at(
            "Dec 1 10:00",
            skipped("survey"),
            open={"sign": "ann until Dec 2 17:00"},
            ended={"survey": "skipped"},
        ),
    ),
    scenario(
        "A step for a role that nobody holds belongs to the program owner",
        plan(step("triage", "1 business day", owner="nurse")),
        at("Dec 1 00:00", open={"triage": "lee until Dec 2 17:00"}),
        at("Dec 1 10:00", completed("triage", by="nat", role="nurse"), refused="wrong_role"),
        at("Dec 1 10:01", completed("triage"), open={}),
        team={"coordinator": "ann", "lead": "lee"},
    ),
)
