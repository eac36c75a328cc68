"""
Every table, one module per area.

Ids are opaque text. `ledger_event` refers to nothing on purpose: evidence outlives what it is
about. The record (consent, minutes, notes) names a cycle and a step but does not depend on their
rows, because those are a projection that may be written later or built again.
"""

from ccm_flow.adapters.db.tables.accounts import (
    AccessGrantRow,
    AccessLogRow,
    AccountRow,
    InvitationRow,
    SignOnRow,
    WebSessionRow,
)
from ccm_flow.adapters.db.tables.alerts import (
    AlertEventRow,
    AlertReadingRow,
    AlertRow,
    AlertStateRow,
)
from ccm_flow.adapters.db.tables.billing import BillingLineRow, LineActRow, MonthActRow
from ccm_flow.adapters.db.tables.billing_facts import BillingFactRow
from ccm_flow.adapters.db.tables.care_plans import (
    CarePlanApprovalRow,
    CarePlanRow,
    CarePlanShareRow,
)
from ccm_flow.adapters.db.tables.connections import (
    ApiRequestRow,
    ApiTokenRow,
    WebhookDeliveryRow,
    WebhookEndpointRow,
    WebhookTryRow,
)
from ccm_flow.adapters.db.tables.desk import PresenceRow, PutOffRow
from ccm_flow.adapters.db.tables.drafts import (
    DraftEventRow,
    DraftTextRow,
    PlaybookDraftRow,
    PlaybookPublicationRow,
)
from ccm_flow.adapters.db.tables.eligibility import EligibilityReviewRow, RiskRationaleRow
from ccm_flow.adapters.db.tables.emergency import EmergencyAccessRow
from ccm_flow.adapters.db.tables.enrollment import (
    CareTeamMemberRow,
    ConsentRow,
    EnrollmentRow,
    PractitionerChangeRow,
)
from ccm_flow.adapters.db.tables.flow import (
    AttemptRow,
    ClickRow,
    CycleRow,
    EscalationRow,
    MessageRow,
    StepRow,
)
from ccm_flow.adapters.db.tables.happenings import (
    HappeningAnswerRow,
    HappeningEffectRow,
    HappeningRow,
)
from ccm_flow.adapters.db.tables.ledger import (
    ImportRunRow,
    LedgerEventRow,
    LedgerHeadRow,
    LedgerLinkRow,
    SettingRow,
)
from ccm_flow.adapters.db.tables.letters import LetterChoiceRow, ScorecardLetterRow
from ccm_flow.adapters.db.tables.moved_months import (
    CycleMoveRow,
    MoveAnswerRow,
    MoveOrderCycleRow,
    MoveOrderRow,
)
from ccm_flow.adapters.db.tables.notes import NoteCosignRow, NoteDraftRow, NoteRow
from ccm_flow.adapters.db.tables.notifications import DigestRow
from ccm_flow.adapters.db.tables.organization import ClinicClosureRow, ClinicRow, OrganizationRow
from ccm_flow.adapters.db.tables.patient_edits import PatientEditRow
from ccm_flow.adapters.db.tables.patients import (
    ConditionRow,
    CoverageRow,
    EncounterRow,
    MedicationRow,
    PatientRow,
)
from ccm_flow.adapters.db.tables.people import PersonRow, StaffRoleRow
from ccm_flow.adapters.db.tables.playbooks import ClinicPlaybookRow, PlaybookVersionRow
from ccm_flow.adapters.db.tables.rehearsal import (
    CycleFactRow,
    ForecastAnswerRow,
    ForecastRow,
)
from ccm_flow.adapters.db.tables.retention import LedgerRedactionRow, PatientRemovalRow
from ccm_flow.adapters.db.tables.review import GoLiveRow, PlaybookProofRow, ReviewEntryRow
from ccm_flow.adapters.db.tables.services import ServiceRow
from ccm_flow.adapters.db.tables.staffing import (
    AbsenceRow,
    ClinicStaffRow,
    ClinicVendorRow,
    MembershipRow,
    ResponsibilityRow,
    StepMoveRow,
)
from ccm_flow.adapters.db.tables.time import TimeEntryRow, TimerRow

__all__ = [
    "AbsenceRow",
    "AccessGrantRow",
    "AccessLogRow",
    "AccountRow",
    "AlertEventRow",
    "AlertReadingRow",
    "AlertRow",
    "AlertStateRow",
    "ApiRequestRow",
    "ApiTokenRow",
    "AttemptRow",
    "BillingFactRow",
    "BillingLineRow",
    "CarePlanApprovalRow",
    "CarePlanRow",
    "CarePlanShareRow",
    "CareTeamMemberRow",
    "ClickRow",
    "ClinicClosureRow",
    "ClinicPlaybookRow",
    "ClinicRow",
    "ClinicStaffRow",
    "ClinicVendorRow",
    "ConditionRow",
    "ConsentRow",
    "CoverageRow",
    "CycleFactRow",
    "CycleMoveRow",
    "CycleRow",
    "DigestRow",
    "DraftEventRow",
    "DraftTextRow",
    "EligibilityReviewRow",
    "EmergencyAccessRow",
    "EncounterRow",
    "EnrollmentRow",
    "EscalationRow",
    "ForecastAnswerRow",
    "ForecastRow",
    "GoLiveRow",
    "HappeningAnswerRow",
    "HappeningEffectRow",
    "HappeningRow",
    "ImportRunRow",
    "InvitationRow",
    "LedgerEventRow",
    "LedgerHeadRow",
    "LedgerLinkRow",
    "LedgerRedactionRow",
    "LetterChoiceRow",
    "LineActRow",
    "MedicationRow",
    "MembershipRow",
    "MessageRow",
    "MonthActRow",
    "MoveAnswerRow",
    "MoveOrderCycleRow",
    "MoveOrderRow",
    "NoteCosignRow",
    "NoteDraftRow",
    "NoteRow",
    "OrganizationRow",
    "PatientEditRow",
    "PatientRemovalRow",
    "PatientRow",
    "PersonRow",
    "PlaybookDraftRow",
    "PlaybookProofRow",
    "PlaybookPublicationRow",
    "PlaybookVersionRow",
    "PractitionerChangeRow",
    "PresenceRow",
    "PutOffRow",
    "ResponsibilityRow",
    "ReviewEntryRow",
    "RiskRationaleRow",
    "ScorecardLetterRow",
    "ServiceRow",
    "SettingRow",
    "SignOnRow",
    "StaffRoleRow",
    "StepMoveRow",
    "StepRow",
    "TimeEntryRow",
    "TimerRow",
    "WebSessionRow",
    "WebhookDeliveryRow",
    "WebhookEndpointRow",
    "WebhookTryRow",
]
