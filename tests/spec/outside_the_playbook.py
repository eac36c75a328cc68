"""What happens to a patient over months: stays, deaths, withdrawals, errors put right."""

from tests.support.happenings import (
    ByHand,
    Opened,
    Row,
    Scenario,
    Told,
    comes_back,
    goes_away,
    nothing,
    passed_on,
)

MONTH = {"monthly 12": "running"}
DECEMBER = Row("Dec 1 00:30", Opened("2037-12"), cycles=MONTH)

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "An admission stops the clocks, a discharge starts them and opens the days after",
        (
            DECEMBER,
            Row(
                "Dec 2 10:00",
                Told("admission"),
                said="December 2037 is paused; 1 open step stands still.",
                cycles={"monthly 12": "paused"},
                open={"monthly.prepare": "clock stopped"},
            ),
            Row(
                "Dec 7 14:00",
                Told("discharge"),
                said="Transitional care after a hospital stay opened:",
                cycles={**MONTH, "episode 12": "running"},
                open={
                    "monthly.discharge_follow_up": "Dec 9 17:00",
                    "episode.first_contact": "Dec 9 17:00",
                    "episode.papers": "Dec 8 17:00",
                },
            ),
        ),
    ),
    Scenario(
        "Two discharges in a month are two episodes, and two tellings of one day are one",
        (
            DECEMBER,
            Row("Dec 3 14:00", Told("discharge"), cycles={**MONTH, "episode 12": "running"}),
            Row(
                "Dec 3 16:00",
                Told("discharge"),
                said="was opened for this discharge already",
                cycles={**MONTH, "episode 12": "running"},
            ),
            Row(
                "Dec 8 09:00",
                Told("admission"),
                cycles={"monthly 12": "paused", "episode 12": "running"},
                open={"episode.readmission": "Dec 9 17:00"},
            ),
            Row(
                "Dec 10 11:00",
                Told("discharge"),
                cycles={**MONTH, "episode 12": "running", "episode 12~2": "running"},
            ),
        ),
    ),
    Scenario(
        "The same telling sent again changes nothing",
        (
            DECEMBER,
            Row("Dec 2 10:00", Told("admission", id="a1"), cycles={"monthly 12": "paused"}),
            Row("Dec 3 10:00", ByHand(resume=True), cycles=MONTH),
            Row(
                "Dec 3 11:00",
                Told("admission", id="a1"),
                said="December 2037 is paused",
                cycles=MONTH,
            ),
        ),
    ),
    Scenario(
        "A discharge told days late counts from the discharge",
        (
            DECEMBER,
            Row(
                "Dec 9 10:00",
                Told("discharge", at="Dec 8 15:00"),
                said="Call the patient within two business days, by Thu Dec 10 17:00, owner Nat",
                open={"episode.first_contact": "Dec 10 17:00"},
            ),
        ),
    ),
    Scenario(
        "A discharge told after its episode would have closed opens none",
        (
            Row(
                "Dec 30 10:00",
                Told("discharge", at="Nov 21 15:00"),
                said="was not opened",
                cycles={},
            ),
        ),
    ),
    Scenario(
        "An admission that is told after the discharge that followed it stops nothing",
        (
            DECEMBER,
            Row("Dec 7 14:00", Told("discharge"), cycles={**MONTH, "episode 12": "running"}),
            Row(
                "Dec 8 09:00",
                Told("admission", at="Dec 4 09:00"),
                cycles={**MONTH, "episode 12": "running"},
            ),
        ),
    ),
    Scenario(
        "An admission while nothing is open is kept, and the month that opens stands still",
        (
            Row(
                "Nov 28 10:00",
                Told("admission"),
                said="no cycle is running that it would change",
                cycles={},
            ),
            DECEMBER,
            Row(
                "Dec 1 00:31",
                passed_on,
                cycles={"monthly 12": "paused"},
                open={"monthly.prepare": "clock stopped"},
            ),
            Row("Dec 2 10:00", ByHand(resume=True), cycles=MONTH),
            Row("Dec 2 10:01", passed_on, cycles=MONTH),
        ),
    ),
    Scenario(
        "A transfer goes on with the stay and opens no episode",
        (
            DECEMBER,
            Row("Dec 2 10:00", Told("admission"), cycles={"monthly 12": "paused"}),
            Row("Dec 4 10:00", Told("transfer"), cycles={"monthly 12": "paused"}),
        ),
    ),
    Scenario(
        "A death between months ends the enrollment, and no month opens any more",
        (
            Row(
                "Nov 25 10:00",
                Told("death"),
                said="The patient is out of the program (deceased); no month opens any more.",
                enrollment="ended",
                cycles={},
            ),
            Row("Dec 1 00:30", Opened("2037-12"), said="0 started", cycles={}),
        ),
    ),
    Scenario(
        "A death calls off the month that was opened ahead, and taking it back opens it again",
        (
            Row("Nov 24 10:00", Opened("2037-12"), said="1 started", cycles={}),
            Row(
                "Nov 25 10:00",
                Told("death"),
                said="December 2037 was about to open and does not.",
                enrollment="ended",
            ),
            Row("Nov 26 10:00", Told("death", voids=True), enrollment="active"),
            Row("Nov 26 10:10", Opened("2037-12"), said="1 started"),
            Row("Dec 1 00:30", nothing, cycles=MONTH),
        ),
    ),
    Scenario(
        "A death in the month ends it with everything open, whatever else runs",
        (
            DECEMBER,
            Row("Dec 3 14:00", Told("discharge")),
            Row(
                "Dec 5 10:00",
                Told("death", at="Dec 4 23:00"),
                said="December 2037 has ended (deceased)",
                enrollment="ended",
                cycles={"monthly 12": "deceased", "episode 12": "deceased"},
            ),
            Row("Jan 1 00:30", Opened("2038-01"), said="0 started"),
        ),
    ),
    Scenario(
        "A death after the month's end leaves that month to be documented and billed",
        (
            DECEMBER,
            Row("Jan 1 00:30", Opened("2038-01")),
            Row(
                "Jan 1 10:00",
                Told("death"),
                said="December 2037 goes on until it is documented",
                enrollment="ended",
                cycles={"monthly 12": "running", "monthly 01": "deceased"},
            ),
            Row(
                "Jan 1 10:01",
                passed_on,
                cycles={"monthly 12": "running", "monthly 01": "deceased"},
            ),
        ),
    ),
    Scenario(
        "A withdrawal after the month's end leaves that month to be documented and billed",
        (
            DECEMBER,
            Row("Jan 1 00:30", Opened("2038-01")),
            Row(
                "Jan 1 10:00",
                Told("withdrawal"),
                said="December 2037 goes on until it is documented",
                enrollment="withdrawn",
                cycles={"monthly 12": "running", "monthly 01": "withdrawn: withdrawal"},
            ),
        ),
    ),
    Scenario(
        "A death told by mistake is put right, and the next opening includes the patient",
        (
            DECEMBER,
            Row("Dec 5 10:00", Told("death"), enrollment="ended"),
            Row(
                "Dec 7 10:00",
                Told("death", voids=True),
                said="December 2037 stays as it is. "
                "The next nightly opening opens January 2038 for them.",
                enrollment="active",
                cycles={"monthly 12": "deceased"},
            ),
            Row(
                "Jan 1 00:30",
                Opened("2038-01"),
                said="1 started",
                cycles={"monthly 12": "deceased", "monthly 01": "running"},
            ),
            Row(
                "Jan 1 00:31", passed_on, cycles={"monthly 12": "deceased", "monthly 01": "running"}
            ),
        ),
    ),
    Scenario(
        "A death that two people told stays until both take it back",
        (
            Row("Nov 25 10:00", Told("death", id="d1"), enrollment="ended"),
            Row("Nov 25 11:00", Told("death", id="d2"), said="had ended before"),
            Row("Nov 26 10:00", Told("death", voids=True), enrollment="ended"),
            Row("Nov 26 11:00", Told("death", voids=True, id="v2"), enrollment="active"),
        ),
    ),
    Scenario(
        "A withdrawal between months ends the enrollment at once",
        (
            Row(
                "Nov 25 10:00",
                Told("withdrawal"),
                said="The patient is out of the program (withdrawn)",
                enrollment="withdrawn",
            ),
            Row("Dec 1 00:30", Opened("2037-12"), said="0 started", cycles={}),
        ),
    ),
    Scenario(
        "What is told while the server is away is kept and passed on once",
        (
            DECEMBER,
            Row("Dec 2 09:00", goes_away),
            Row("Dec 2 10:00", Told("admission"), said="away", cycles=MONTH),
            Row("Dec 2 11:00", comes_back),
            Row("Dec 2 11:01", passed_on, said="1", cycles={"monthly 12": "paused"}),
            Row("Dec 2 11:02", passed_on, said="0", cycles={"monthly 12": "paused"}),
        ),
    ),
    Scenario(
        "A death told while the server is away stops the next month at once and this one later",
        (
            DECEMBER,
            Row("Dec 2 09:00", goes_away),
            Row("Dec 2 10:00", Told("death"), said="away", enrollment="ended", cycles=MONTH),
            Row("Dec 2 11:00", comes_back),
            Row("Dec 2 11:01", passed_on, said="1", cycles={"monthly 12": "deceased"}),
        ),
    ),
    Scenario(
        "A discharge told by mistake closes its episode and stops the clocks again",
        (
            DECEMBER,
            Row("Dec 2 10:00", Told("admission"), cycles={"monthly 12": "paused"}),
            Row("Dec 3 14:00", Told("discharge"), cycles={**MONTH, "episode 12": "running"}),
            Row(
                "Dec 3 15:00",
                Told("discharge", voids=True),
                cycles={"monthly 12": "paused", "episode 12": "not_ready: not_finished"},
            ),
        ),
    ),
    Scenario(
        "An admission told by mistake starts the clocks again",
        (
            DECEMBER,
            Row("Dec 2 10:00", Told("admission"), cycles={"monthly 12": "paused"}),
            Row("Dec 2 12:00", Told("admission", voids=True), cycles=MONTH),
        ),
    ),
    Scenario(
        "A result opens its step in the running month, and is nobody's without one",
        (
            Row("Nov 28 10:00", Told("lab_result"), said="no running playbook has a step"),
            DECEMBER,
            Row(
                "Dec 2 10:00",
                Told("lab_result"),
                said="Look at a new result, by Fri Dec 4 17:00, owner Nat.",
            ),
        ),
    ),
)
