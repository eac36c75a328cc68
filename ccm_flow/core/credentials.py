"""
What a person is licensed as, and so whose minutes theirs are.

Practitioner means physician, NP, PA, CNS or CNM; clinical staff work incident to one, under
general supervision; the minutes of anybody else never count (Noridian CCM; medicare-rules,
section 1).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class StaffKind(StrEnum):
    """Whose minutes a person's are."""

    PRACTITIONER = "practitioner"
    CLINICAL = "clinical"
    NON_CLINICAL = "non_clinical"


class Credential(StrEnum):
    """A person's licence, as the clinic's file states it."""

    PHYSICIAN = "physician"
    NP = "np"
    PA = "pa"
    CNS = "cns"
    CNM = "cnm"
    RN = "rn"
    LPN = "lpn"
    MA = "ma"
    CNA = "cna"
    PHARMACIST = "pharmacist"
    SOCIAL_WORKER = "social_worker"
    DIETITIAN = "dietitian"
    NONE = "none"
    """No clinical licence: schedulers, billers, managers."""


_PRACTITIONERS = frozenset(
    {Credential.PHYSICIAN, Credential.NP, Credential.PA, Credential.CNS, Credential.CNM}
)

CREDENTIAL_TITLES: Mapping[Credential, str] = MappingProxyType(
    {
        Credential.PHYSICIAN: "physician",
        Credential.NP: "nurse practitioner",
        Credential.PA: "physician assistant",
        Credential.CNS: "clinical nurse specialist",
        Credential.CNM: "certified nurse-midwife",
        Credential.RN: "registered nurse",
        Credential.LPN: "licensed practical nurse",
        Credential.MA: "medical assistant",
        Credential.CNA: "certified nursing assistant",
        Credential.PHARMACIST: "pharmacist",
        Credential.SOCIAL_WORKER: "social worker",
        Credential.DIETITIAN: "dietitian",
        Credential.NONE: "no clinical licence",
    }
)


def staff_kind(credential: Credential) -> StaffKind:
    """Say whose minutes the minutes of somebody with this credential are."""
    if credential in _PRACTITIONERS:
        return StaffKind.PRACTITIONER
    return StaffKind.NON_CLINICAL if credential is Credential.NONE else StaffKind.CLINICAL


def is_npi(text: str) -> bool:
    """
    Tell whether a text can be a National Provider Identifier: ten digits with a check digit.

    The check digit is Luhn's over the number with 80840 in front (45 CFR 162.406).
    """
    if len(text) != 10 or not text.isascii() or not text.isdigit():
        return False
    digits = [int(digit) for digit in "80840" + text]
    doubled = [digit * 2 for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(value // 10 + value % 10 for value in doubled)) % 10 == 0
