"""The key that tests encrypt payloads with; recorded histories are written with it."""

from ccm_flow.adapters.keys import KEY_BYTES

KEY = ("test", bytes(KEY_BYTES))
