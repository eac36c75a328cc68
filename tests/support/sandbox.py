"""The SDK's sandbox around workflows: it finds what would make a replay come out otherwise."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions


def sandbox() -> SandboxedWorkflowRunner:
    """Make the sandbox; the pure core needs none, and importing it anew each time is slow."""
    passed = SandboxRestrictions.default.with_passthrough_modules(
        "ccm_flow", "pydantic", "pydantic_core", "annotated_types", "typing_extensions"
    )
    return SandboxedWorkflowRunner(restrictions=passed)
