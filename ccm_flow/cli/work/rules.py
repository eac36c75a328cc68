"""Listing, checking and explaining billing rules."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from ccm_flow.adapters.rule_files import load_shelf, read_rules, rule_paths
from ccm_flow.adapters.shipped import shipped
from ccm_flow.bootstrap import Settings
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.playbooks import BadFileError
from ccm_flow.cli.work.tables import Listing
from ccm_flow.core.billing.explain import explain_code
from ccm_flow.core.billing.model import Basis, Code, RuleStatus
from ccm_flow.core.billing.rules import RuleBook
from ccm_flow.core.errors import CcmError
from ccm_flow.core.month import Month
from ccm_flow.language import problems_json, problems_sarif
from ccm_flow.language.rules_check import RuleFile, RulesResult
from ccm_flow.language.suggest import did_you_mean


class UnknownCodeError(CcmError):
    """The rules of a month say nothing about a code."""

    exit_code = 4

    def __init__(self, code: str, book: RuleBook) -> None:
        super().__init__(f"{book.title}: there is nothing about '{code[:40]}'.")
        self.hint = did_you_mean(code, book.codes, "Codes")


def _read(paths: Sequence[Path]) -> RulesResult:
    try:
        return read_rules(paths)
    except OSError as error:
        raise BadFileError(f"'{error.filename}' cannot be read: {error.strerror}.") from error


def list_rules(*, as_json: bool) -> None:
    """List the files in force; exit code 2 when one of them has errors."""
    result = _read(rule_paths(Settings.from_environ().home))
    if as_json:
        emit([_listed(file) for file in result.files])
    else:
        keep, numbers = ("RULES", "MONTHS"), ("CODES", "TO VERIFY")
        listing = Listing("RULES", "MONTHS", *numbers, "FILE", keep=keep, numbers=numbers)
        for file in result.files:
            listing.add(*_row(file))
        listing.print()
        say()
        say("TO VERIFY counts the rules from memory; `ccm rules explain CODE` shows every source.")
    if result.shelf is None:
        raise typer.Exit(2)


def _row(file: RuleFile) -> tuple[str | int, ...]:
    if file.locality is not None:
        local = file.locality
        months = f"{local.first_month} to {local.last_month}"
        return f"locality {local.id}", months, len(local.amounts), "", _where(file)
    if file.book is None:
        return "not usable", "", "", "", _where(file)
    book, rules = file.book, file.book.all_bases
    months = f"{book.first_month} to {book.last_month}"
    to_verify = f"{_to_verify(rules)} of {len(rules)}"
    return book.id, months, len(book.codes), to_verify, _where(file)


def _where(file: RuleFile) -> str:
    """Name a file; those that come with the program by their name alone."""
    path = Path(file.name)
    return f"{path.name}, shipped" if path.is_relative_to(shipped("rules")) else file.name


def _to_verify(rules: Sequence[Basis]) -> int:
    return sum(basis.status is RuleStatus.VERIFY for basis in rules)


def _listed(file: RuleFile) -> dict[str, object]:
    book, rules = file.book, file.book.all_bases if file.book else ()
    period = file.book or file.locality
    return {
        "file": file.name,
        "good": not file.errors,
        "rules": book and book.id,
        "locality": file.locality and file.locality.id,
        "title": period and period.title,
        "first_month": period and period.first_month,
        "last_month": period and period.last_month,
        "codes": len(book.codes) if book else 0,
        "count": len(rules),
        "by_status": {s.value: sum(b.status is s for b in rules) for s in RuleStatus},
    }


def check(files: Sequence[Path], *, strict: bool, as_sarif: bool, as_json: bool) -> None:
    """Check rule files; all are looked at whatever the first ones are like."""
    result = _read(files)
    if as_sarif:
        emit(problems_sarif(result.problems))
    elif as_json:
        emit([_checked(file) for file in result.files])
    else:
        for file in result.files:
            _show(file)
    if any(file.errors for file in result.files):
        raise typer.Exit(2)
    if strict and result.problems:
        raise typer.Exit(1)


def _show(file: RuleFile) -> None:
    if file.problems:
        say("\n\n".join(problem.render() for problem in file.problems) + "\n")
    if not file.errors:
        name = file.book.title if file.book else file.locality.title if file.locality else ""
        say(f"{file.name}: {name}: good.")
    else:
        count = len(file.errors)
        say(f"{file.name}: {count} error{'' if count == 1 else 's'}.")


def _checked(file: RuleFile) -> dict[str, object]:
    return {
        "file": file.name,
        "good": not file.errors,
        "rules": file.book and file.book.id,
        "problems": problems_json(file.problems),
    }


def explain(code: str, month: str | None, *, as_json: bool) -> None:
    """Say what the rules hold about a code."""
    which = Month.parse(month) if month else Month.of(datetime.now(UTC).date())
    book = load_shelf(Settings.from_environ().home).book(which)
    name = Code(code.strip().upper())
    said = explain_code(book, name)
    if not said:
        raise UnknownCodeError(code, book)
    rule = book.codes.get(name)
    if as_json:
        rules = [{"says": one.sentence, **_cited(one.basis)} for one in said]
        emit({"code": name, "title": rule and rule.title, "by": book.id, "rules": rules})
        return
    say(f"{name} in {book.title}" + (f": {rule.title}" if rule else ""))
    say()
    for one in said:
        say(f"  {one.sentence}")
        say(f"      {one.basis.source} ({one.basis.status}) [{one.basis.id}]")


def _cited(basis: Basis) -> dict[str, object]:
    return {"rule": basis.id, "source": basis.source, "status": basis.status}
