"""Claim lines as CSV."""

import csv
from collections.abc import Iterable
from dataclasses import fields
from io import StringIO

from ccm_flow.core.claim_lines import ClaimLine, safe_cell


def lines_csv(lines: Iterable[ClaimLine]) -> bytes:
    """Write lines under a head of column names; every cell is safe to open in a spreadsheet."""
    names = [field.name for field in fields(ClaimLine)]
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([safe_cell(getattr(line, name)) for name in names] for line in lines)
    return out.getvalue().encode()
