"""A Temporal server with certificates or a key, as Temporal Cloud is, is reached by settings."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from temporalio.service import TLSConfig

from ccm_flow.adapters.temporal.codec import data_converter
from ccm_flow.adapters.temporal.connect import TemporalSettingsError, access, connect
from ccm_flow.app.flow import FlowUnavailableError
from tests.support.keys import KEY


def test_without_settings_there_is_no_tls() -> None:
    assert access({"TEMPORAL_ADDRESS": "temporal:7233", "PATH": "/bin"}) == {}


def test_a_key_from_a_file_goes_along_and_turns_tls_on(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a key of the cloud\n")
    found = access({"TEMPORAL_API_KEY_FILE": str(tmp_path / "key")})
    assert found == {"api_key": "a key of the cloud", "tls": True}


def test_certificates_are_read_from_their_files(tmp_path: Path) -> None:
    for name in ("ca", "cert", "key"):
        (tmp_path / name).write_text(f"the {name}")
    found = access(
        {
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(tmp_path / "ca"),
            "TEMPORAL_TLS_CLIENT_CERT_PATH": str(tmp_path / "cert"),
            "TEMPORAL_TLS_CLIENT_KEY_PATH": str(tmp_path / "key"),
            "TEMPORAL_TLS_SERVER_NAME": "temporal.example.org",
        }
    )
    tls = found["tls"]
    assert isinstance(tls, TLSConfig)
    assert (tls.server_root_ca_cert, tls.domain) == (b"the ca", "temporal.example.org")
    assert (tls.client_cert, tls.client_private_key) == (b"the cert", b"the key")


@pytest.mark.parametrize(
    "wrong",
    [{"TEMPORAL_TLS_CLIENT_CERT_PATH": "/nowhere/cert.pem"}, {"TEMPORAL_TLS": "perhaps"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_settings_that_cannot_be_used_are_said(wrong: dict[str, str]) -> None:
    with pytest.raises(TemporalSettingsError):
        access(wrong)


@dataclass
class Papers:
    """A certificate with its key, as files."""

    cert: Path
    key: Path


Signer = tuple[x509.Name, ec.EllipticCurvePrivateKey]


def made(folder: Path, name: str, signer: Signer | None = None) -> tuple[Papers, Signer]:
    """Make a certificate, signed by an authority or being one, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by, with_key = signer or (called, key)
    now = datetime.now(UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .sign(with_key, hashes.SHA256())
    )
    papers = Papers(folder / f"{name}.pem", folder / f"{name}.key")
    papers.cert.write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    papers.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return papers, (called, key)


@dataclass
class Doorkeeper:
    """Takes connections of those whose certificate it knows, and hangs up on everybody."""

    context: ssl.SSLContext
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    seen: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def work(self) -> None:
        with suppress(OSError):  # the listener is closed at the end
            while True:
                plain, _ = self.listener.accept()
                with closing(plain), suppress(OSError):
                    plain.settimeout(10)
                    with self.context.wrap_socket(plain, server_side=True) as caller:
                        subject = (caller.getpeercert() or {}).get("subject", ())
                        self.seen += [value for part in subject for _, value in part]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Doorkeeper]:
    root, authority = made(tmp_path, "authority")
    ours, _ = made(tmp_path, "server", authority)
    made(tmp_path, "worker", authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ours.cert, ours.key)
    context.load_verify_locations(root.cert)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    keeper = Doorkeeper(context)
    thread = threading.Thread(target=keeper.work, daemon=True)
    thread.start()
    yield keeper
    keeper.listener.shutdown(socket.SHUT_RDWR)
    keeper.listener.close()
    thread.join(timeout=10)


def test_the_server_sees_our_certificate_and_we_trust_its_own(
    door: Doorkeeper, tmp_path: Path
) -> None:
    environ = {
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(tmp_path / "authority.pem"),
        "TEMPORAL_TLS_CLIENT_CERT_PATH": str(tmp_path / "worker.pem"),
        "TEMPORAL_TLS_CLIENT_KEY_PATH": str(tmp_path / "worker.key"),
    }
    trying = connect(
        door.address, "ccm", data_converter([KEY]), patience=timedelta(0), environ=environ
    )
    with pytest.raises(FlowUnavailableError):  # it hangs up after the certificates
        asyncio.run(trying)
    assert set(door.seen) == {"worker"}
