"""A packet as plain data with its hash, how tampering shows, and the need in words."""

from dataclasses import dataclass

from ccm_flow.app.packet import Packet, PacketEligibility, PacketEvent, PacketPatient, Signer
from ccm_flow.core.canonical import Plain, chain, fingerprint, plain
from ccm_flow.core.month import Month


@dataclass(frozen=True, slots=True)
class Sealed:
    """A packet as plain data, and its hash."""

    content: Plain
    sha256: str


def seal(packet: Packet) -> Sealed:
    """Give a packet's content as plain data with its SHA-256; equal content has one hash."""
    content = plain(packet)
    return Sealed(content, fingerprint(content))


def event_content(event: PacketEvent) -> Plain:
    """Give what one link of the ledger's chain stands for: the event without its hash."""
    content: Plain = plain(event)
    del content["sha256"]
    return content


def packet_problems(content: Plain, sha256: str) -> tuple[str, ...]:
    """
    Check a packet that somebody sends back: its own hash and every link of the ledger's chain.

    Empty means that it is what was written.
    """
    found = []
    if fingerprint(content) != sha256:
        found.append("The content is not what the packet's SHA-256 stands for.")
    before = ""
    for number, event in enumerate(content["ledger"], start=1):
        link = {name: value for name, value in event.items() if name != "sha256"}
        before = chain(before, link)
        if event["sha256"] != before:
            found.append(f"The ledger's chain breaks at its line {number}.")
            break
    return tuple(found)


def need_in_words(
    patient: PacketPatient, eligibility: PacketEligibility, practitioner: Signer, month: Month
) -> str:
    """Say why the patient needs care management, from nothing but what the record holds."""
    groups = list(dict.fromkeys(one.group for one in eligibility.conditions))
    listed = ", ".join(groups[:-1]) + (" and " if len(groups) > 1 else "") + "".join(groups[-1:])
    sentences = [
        f"{patient.name} has {len(groups)} chronic conditions on record: {listed}."
        if groups
        else f"No chronic condition of {patient.name} is on record."
    ]
    if eligibility.risk_rationale:
        sentences.append(f"Risk, as documented: {eligibility.risk_rationale}")
    else:
        sentences.append("No risk rationale has been documented.")
    sentences.append(f"Care management in {month} was under the direction of {practitioner.name}.")
    return " ".join(sentences)
