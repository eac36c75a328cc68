"""The clinics of the demo's vendor: different models and time zones, one staff of the vendor's."""

from dataclasses import dataclass
from typing import Any, Final

from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.core.responsibility import OperatingModel

VENDOR: Final = "carebridge"
_NAMES: Final = (
    ("alder", "Alder Family Care"),
    ("birch", "Birch Internal Medicine"),
    ("cedar", "Cedar Primary Care"),
    ("dogwood", "Dogwood Clinic"),
    ("elder", "Elder Park Medicine"),
    ("fir", "Fir Street Physicians"),
    ("ginkgo", "Ginkgo Health"),
    ("hazel", "Hazel Valley Clinic"),
    ("juniper", "Juniper Medical"),
    ("larch", "Larch Hill Practice"),
    ("maple", "Maple Grove Care"),
    ("oak", "Oak Avenue Medicine"),
)
MOST_CLINICS: Final = len(_NAMES)
_ZONES: Final = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
)
_MODELS: Final = (OperatingModel.HYBRID, OperatingModel.MANAGED, OperatingModel.IN_HOUSE)
_NPIS: Final = ("1234567893", "1999999992")


@dataclass(frozen=True, slots=True)
class VendorClinic:
    """One clinic of the demo, and what happens to it in the month."""

    file: ClinicFile
    model: OperatingModel
    """With which the month begins."""
    switches_to: OperatingModel | None = None
    """In the middle of the month."""
    loses: str | None = None
    """Whose last day was the one before the month's ninth."""


def vendor_clinics(count: int) -> list[VendorClinic]:
    """Give so many clinics; the first switches its model, the second loses its coordinator."""
    return [_clinic(number) for number in range(count)]


def _clinic(number: int) -> VendorClinic:
    id_, name = _NAMES[number]
    model = OperatingModel.IN_HOUSE if number < 2 else _MODELS[(number - 2) % len(_MODELS)]
    file = ClinicFile.model_validate(
        {
            "clinic": id_,
            "name": name,
            "phone": f"555 02{number:02}",
            "time_zone": _ZONES[number % len(_ZONES)],
            "opens": "08:00" if number % 2 else "09:00",
            "program_owner": "lead",
            "vendor": {"id": VENDOR, "name": "CareBridge Services"},
            "alerts": {"clinic": {"on_call": ["lead"]}, "vendor": {"then": ["coordinator"]}},
            "staff": [*_own(number), *_vendors()],
        }
    )
    return VendorClinic(
        file,
        model,
        switches_to=OperatingModel.MANAGED if number == 0 else None,
        loses="cora" if number == 1 else None,
    )


def _own(number: int) -> list[dict[str, Any]]:
    npi = _NPIS[number % len(_NPIS)]
    return [
        {"id": "lead", "name": "Lena Ward RN", "roles": ["program_lead"], "credential": "rn"},
        {"id": "cora", "name": "Cora Diaz", "roles": ["coordinator"], "credential": "ma"},
        {"id": "cole", "name": "Cole Brandt", "roles": ["coordinator"], "credential": "ma"},
        {"id": "nora", "name": "Nora Finch RN", "roles": ["nurse"], "credential": "rn"},
        {
            "id": "drew",
            "name": "Dr. Drew Okafor",
            "roles": ["practitioner"],
            "credential": "physician",
            "npi": npi,
        },
        {"id": "bill", "name": "Bill Sato", "roles": ["biller"], "credential": "none"},
    ]


def _vendors() -> list[dict[str, Any]]:
    people = (
        ("ana", "Ana Ruiz", "coordinator", "ma"),
        ("leo", "Leo Park", "coordinator", "lpn"),
        ("mira", "Mira Holt", "coordinator", "ma"),
        ("ruth", "Ruth Amadi RN", "nurse", "rn"),
        ("omar", "Omar Haddad RN", "nurse", "rn"),
    )
    return [
        {
            "id": id_,
            "name": name,
            "roles": [role],
            "credential": credential,
            "organization": VENDOR,
            "languages": ["en", "es"],
        }
        for id_, name, role, credential in people
    ]
