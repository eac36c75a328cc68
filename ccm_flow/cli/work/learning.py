"""Estimating how people act from the record, and writing it as a behaviour file."""

from pathlib import Path

import yaml

from ccm_flow.adapters.processes.replays import SqlRecordedClinic
from ccm_flow.adapters.simulation_files import default_behaviour
from ccm_flow.app.learn import NothingToLearnError, behaviour_of, counts_of
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, month_at, open_set_up
from ccm_flow.cli.work.playbooks import BadFileError
from ccm_flow.cli.work.tables import Listing
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.rehearsal.learning import learn
from ccm_flow.rehearsal.observing import Seen


def estimate(months: str | None, clinic: str | None, output: Path | None, *, as_json: bool) -> None:
    """Estimate and write; the screen gets the file when no output is named."""
    base = open_set_up()
    view = choose_clinic(base, clinic)
    wanted = (
        [Month.parse(text) for text in months.split(",")]
        if months
        else [month_at(view, base.clock.now()).previous]
    )
    recorded, seen, left_out = SqlRecordedClinic(base.engine), Seen(), 0
    for month in wanted:
        left_out += recorded.left_out(view.clinic, month, PlaybookKind.MONTHLY)
        cycles = recorded.closed(view.clinic, month, PlaybookKind.MONTHLY)
        if cycles:
            recorded.observe(view.clinic, month, cycles, seen)
    if not seen.months:
        raise NothingToLearnError(wanted)
    plan = base.record.plan_for(view.clinic, PlaybookKind.MONTHLY, max(wanted))
    learned = learn(seen, default_behaviour().behaviour, plan)
    file = behaviour_of(learned, view.clinic, wanted)
    text = yaml.safe_dump(file, sort_keys=False, allow_unicode=True, width=100)
    if output is not None:
        _write(output, text)
    if as_json:
        emit({"file": file, "estimates": dict(counts_of(learned)), "left_out": left_out})
        return
    if output is None:
        say(text.rstrip())
        return
    columns = ("Figure", "Estimate", "Seen", "Cases")
    table = Listing(*columns, numbers=columns[1:])
    for name, one in counts_of(learned):
        amounts = name.startswith(("delays", "minutes"))
        written = [
            "-" if value is None else f"{value:.1f}" if amounts else f"{value:.0%}"
            for value in (one.value, one.seen)
        ]
        table.add(name, *written, one.cases)
    table.print()
    if left_out:
        say(f"{left_out} months that changed their version while they ran are left out.")
    say(f"Wrote {output}.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadFileError(f"'{path}' cannot be written: {error.strerror}.") from error
