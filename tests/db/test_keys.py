"""Keys are rotated without anything that was written becoming unreadable."""

from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload

from ccm_flow.adapters.keys import BadKeyFileError, Key, read_keys, rotate
from ccm_flow.adapters.sealing import SealedWithOtherKeyError, Sealer
from ccm_flow.adapters.temporal.codec import EncryptingCodec, PayloadKeyError

PAYLOAD = Payload(metadata={"encoding": b"json/plain"}, data=b'"Ada Byron, 555-0100"')


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "payload.key"


def test_a_missing_file_is_made_once_and_for_its_owner_alone(file: Path) -> None:
    made = read_keys(file)
    assert (len(made), read_keys(file)) == (1, made)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_new_key_goes_first_and_the_others_stay(file: Path) -> None:
    (old,) = read_keys(file)
    new = rotate(file)
    assert read_keys(file) == (new, old)
    assert file.stat().st_mode & 0o777 == 0o600


async def test_what_was_written_before_a_rotation_is_read_after_it(file: Path) -> None:
    before = await EncryptingCodec(read_keys(file)).encode([PAYLOAD])
    new, _ = rotate(file)
    codec = EncryptingCodec(read_keys(file))
    after = await codec.encode([PAYLOAD])
    assert await codec.decode([*before, *after]) == [PAYLOAD, PAYLOAD]
    assert after[0].metadata["key"] == new.encode()
    assert b"Ada" not in before[0].data + after[0].data


async def test_a_program_that_began_before_a_rotation_reads_what_others_write(file: Path) -> None:
    began_before = EncryptingCodec(read_keys(file), lambda: read_keys(file))
    rotate(file)
    written = await EncryptingCodec(read_keys(file)).encode([PAYLOAD])
    assert await began_before.decode(written) == [PAYLOAD]


async def test_without_its_key_a_payload_is_refused_and_never_guessed(file: Path) -> None:
    written = await EncryptingCodec(read_keys(file)).encode([PAYLOAD])
    other: Key = ("other", bytes(32))
    with pytest.raises(PayloadKeyError, match="lacks"):
        await EncryptingCodec([other], lambda: [other]).decode(written)


def test_a_connections_secret_survives_a_rotation(file: Path) -> None:
    sealed = Sealer([key for _, key in read_keys(file)]).seal("shared secret")
    rotate(file)
    assert Sealer([key for _, key in read_keys(file)]).unseal(sealed) == "shared secret"
    with pytest.raises(SealedWithOtherKeyError):
        Sealer([bytes(32)]).unseal(sealed)


@pytest.mark.parametrize("text", ["", "no key at all\n", "a:12\n", ":" + "00" * 32, "a:zz\n"])
def test_a_file_that_is_no_list_of_keys_is_told_with_its_line(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(BadKeyFileError, match="line 1"):
        read_keys(file)
