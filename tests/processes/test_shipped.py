"""What travels with the program is found, or its absence is named."""

import pytest

from ccm_flow.adapters.shipped import ShippedPartMissingError, shipped


def test_the_servers_source_travels_with_the_program() -> None:
    names = {path.name for path in shipped("temporal-server").iterdir()}
    assert {"go.mod", "go.sum", "main.go", "cluster.go"} <= names


def test_a_missing_part_is_named() -> None:
    with pytest.raises(ShippedPartMissingError, match="'no-such-part' of CCM Flow is missing"):
        shipped("no-such-part")
