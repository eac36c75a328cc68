"""The list of commands in `ccm --help`: under headings, in the order of a program's life."""

from collections import defaultdict
from typing import Any, Final

from typer.core import TyperGroup

_SENTENCE: Final = 120
"""Room for a whole first sentence; the formatter wraps it."""


class Sections(TyperGroup):
    """Lists commands under the heading they were registered with."""

    # Typer carries a click of its own and gives no public names to its types.
    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write every command with its first sentence."""
        sections: dict[str, list[tuple[str, str]]] = defaultdict(list)
        names = self.list_commands(ctx)
        widest = max(map(len, names), default=0)
        for name in names:
            command: Any = self.get_command(ctx, name)
            heading = getattr(command, "rich_help_panel", None) or "Commands"
            sections[heading].append((name.ljust(widest), command.get_short_help_str(_SENTENCE)))
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl(rows)
