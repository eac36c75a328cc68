"""The list of commands in `ccm --help`: under headings, in the order of a program's life."""

from collections import defaultdict

import click
from typer.core import TyperGroup


class Sections(TyperGroup):
    """Lists commands under the heading they were registered with."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every command with its first sentence."""
        sections: dict[str, list[click.Command]] = defaultdict(list)
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                sections[getattr(command, "rich_help_panel", None) or "Commands"].append(command)
        widest = max(len(one.name or "") for found in sections.values() for one in found)
        for heading, found in sections.items():
            with formatter.section(heading):
                rows = [(one.name or "", one.get_short_help_str(_SENTENCE)) for one in found]
                formatter.write_dl([(name.ljust(widest), text) for name, text in rows])


_SENTENCE = 120
"""Room for a whole first sentence; the formatter wraps it."""
