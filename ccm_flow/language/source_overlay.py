"""The form of what only overlays say."""

from pydantic import Field

from ccm_flow.language.source_base import Source, Text
from ccm_flow.language.source_step import StepSource


class InsertSource(Source):
    """A step that an overlay adds, and its place among the others."""

    after: Text | None = Field(None, description="The step behind which it stands.")
    before: Text | None = Field(None, description="Or the step in front of which it stands.")
    step: StepSource = Field(description="The new step.")
