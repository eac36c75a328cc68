"""The API's playbooks: what is in use, and what a text comes to."""

from pydantic import Field

from ccm_flow.core.plan import PlaybookKind
from ccm_flow.web.api.models import In, Out, example


class Playbook(Out):
    """A playbook that the clinic uses."""

    playbook: str = Field(description="Its name.", json_schema_extra=example("ccm_monthly"))
    version: int = Field(description="Its version.")
    title: str = Field(description="Its title.")
    kind: PlaybookKind = Field(description="What it is for.")
    from_month: str = Field(description="From which month on.")
    sha256: str = Field(description="The sum of its text.")


class Playbooks(Out):
    """What the clinic has published."""

    items: list[Playbook] = Field(description="By kind, the newest first.")


class CheckPlaybook(In):
    """A playbook's text."""

    text: str = Field(max_length=400_000, description="The YAML text.")


class Finding(Out):
    """One problem of a playbook."""

    severity: str = Field(description="error or warning.")
    code: str = Field(description="The kind of problem.")
    line: int = Field(description="Where, from 1.")
    message: str = Field(description="What is wrong.")
    hint: str = Field(description="What to do about it.")


class Checked(Out):
    """What is wrong with a playbook."""

    good: bool = Field(description="Whether it can be published.")
    problems: list[Finding] = Field(description="All that was found.")
