"""Whatever is sent, the API answers as it says it does, and no page falls over."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from ccm_flow.core.throttle import Rate
from ccm_flow.web.app import GROUPS, needs_of
from ccm_flow.web.limits import Limit
from tests.web.api_site import LEE, Api

EXAMPLES = 12
"""For each operation and page: enough to find what is careless, quick enough for every day."""
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
NO_SHAPE = {"error", "hint", "code"}


def test_the_api_never_falls_over(api: Api) -> None:
    client = api.of(LEE)
    document = client.get("openapi.json").json()
    mounted = next(r for r in api.application.routes if getattr(r, "name", "") == "api")
    mounted.app.state.limit = Limit(Rate(burst=10**6, per_second=10**6))
    schema = schemathesis.openapi.from_dict(document)
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @QUIET
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            send(client, case)

        check()
        tried += 1
    assert tried > 15


def send(client: TestClient, case: Any) -> None:
    """Send what was made up; look at the status and at the problem's shape."""
    wanted = case.as_transport_kwargs(base_url="http://ccm.test/api/v1")
    headers = {**dict(wanted.pop("headers", {})), "authorization": client.headers["authorization"]}
    kwargs = {name: wanted[name] for name in ("params", "json", "data") if name in wanted}
    if isinstance(kwargs.get("data"), bytes):
        kwargs["content"] = kwargs.pop("data")
    try:
        answer = client.request(wanted["method"], wanted["url"], headers=headers, **kwargs)
    except UnicodeEncodeError:
        return  # no client can send this
    assert answer.status_code < 500 or answer.status_code == 503, (wanted, answer.text)
    if answer.status_code >= 400:
        assert set(answer.json()) == NO_SHAPE, (wanted, answer.text)


def pages() -> list[str]:
    """List the pages that are looked at."""
    return sorted(
        route.path
        for group in GROUPS
        for route, *_ in needs_of(group)
        if "GET" in route.methods and route.path != "/work/news"
    )


NASTY = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["0", "-1", "2026-13", "../..", "%00", "'", "<script>", "😀", "9" * 300]),
)


@pytest.mark.parametrize("path", pages())
def test_no_page_falls_over(api: Api, path: str) -> None:
    browser = TestClient(api.application, base_url="http://ccm.test", follow_redirects=False)
    signed = api.site.signed_in(LEE)
    browser.cookies = signed.cookies
    asked: Callable[..., Any] = browser.get
    names = [part[1:-1].partition(":")[0] for part in path.split("/") if part.startswith("{")]
    known = ["whose", "phase", "find", "said", "month", "kind", "next", "clinic", "page"]

    @QUIET
    @given(
        parts=st.lists(NASTY, min_size=8, max_size=8),
        query=st.dictionaries(st.sampled_from(known), NASTY, max_size=4),
    )
    def check(parts: list[str], query: dict[str, str]) -> None:
        filled = path
        for name, value in zip(names, parts, strict=False):
            filled = filled.replace(f"{{{name}}}", quote(value.encode("utf-8", "replace"), safe=""))
        clean = {key: value.encode("utf-8", "replace").decode() for key, value in query.items()}
        answer = asked(filled, params=clean)
        assert answer.status_code < 500, (filled, clean, answer.text[:500])

    check()
