"""Connecting to a Temporal server with the project's own data converter."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from temporalio.client import Client, Interceptor
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfigProfile
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from ccm_flow.adapters.secret_files import with_secrets
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.core.errors import CcmError


class TemporalSettingsError(CcmError):
    """How to reach the Temporal server is set up wrongly."""

    exit_code = 2
    hint = (
        "See the settings TEMPORAL_TLS, TEMPORAL_TLS_..._PATH and TEMPORAL_API_KEY in "
        "docs/deploy.md."
    )


def access(environ: Mapping[str, str]) -> dict[str, Any]:
    """
    Give how to prove to the server who we are, as `Client.connect` takes it.

    Read from the settings that every program of Temporal knows: TEMPORAL_TLS,
    TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH, TEMPORAL_TLS_SERVER_CA_CERT_PATH,
    TEMPORAL_TLS_SERVER_NAME, TEMPORAL_API_KEY (or TEMPORAL_API_KEY_FILE). Nothing of them: no TLS.

    Raises:
        TemporalSettingsError: a file cannot be read, or a setting is not what it should be.
        SecretFileError: the key's file cannot be read.
    """
    known = {
        name: value
        for name, value in with_secrets(environ).items()
        if value and name.startswith(("TEMPORAL_TLS", "TEMPORAL_API_KEY"))
    }
    known.pop("TEMPORAL_API_KEY_FILE", None)
    if known.get("TEMPORAL_TLS", "true") not in {"true", "false"}:  # the library passes it over
        raise TemporalSettingsError("TEMPORAL_TLS has to be true or false.")
    try:
        profile = ClientConfigProfile.load(disable_file=True, override_env_vars=known)
        given = profile.to_client_connect_config()
    except OSError as error:
        named = f"{error.filename}: {error.strerror}"
        raise TemporalSettingsError(f"A file of TEMPORAL_TLS cannot be read: {named}.") from None
    except (RuntimeError, ValueError):  # its words may hold the setting's value
        raise TemporalSettingsError("The settings of TEMPORAL_TLS cannot be read.") from None
    return {name: value for name, value in given.items() if name in {"api_key", "tls"}}


async def connect(
    address: str,
    namespace: str,
    converter: DataConverter,
    *,
    patience: timedelta,
    environ: Mapping[str, str] | None = None,
    interceptors: Sequence[Interceptor] = (),
    runtime: Runtime | None = None,
) -> Client:
    """
    Connect, trying again for a while: a server that has just started needs a moment.

    Raises:
        FlowUnavailableError: it did not answer within `patience`.
        TemporalSettingsError: its settings in `environ` cannot be used (see `access`).
    """
    proof = access(environ or {})
    loop = asyncio.get_running_loop()
    give_up = loop.time() + patience.total_seconds()
    while True:
        try:
            return await Client.connect(
                address,
                namespace=namespace,
                data_converter=converter,
                interceptors=interceptors,
                runtime=runtime,
                **proof,
            )
        except (RuntimeError, RPCError) as error:
            if loop.time() >= give_up:
                raise FlowUnavailableError(address) from error
            await asyncio.sleep(0.2)
