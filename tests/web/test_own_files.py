"""The application's own files: packed, and kept by content."""

import re

from tests.web.conftest import Site


def test_own_files_are_kept_by_content_and_sent_packed(site: Site) -> None:
    browser = site.browser()
    page = browser.get("/sign-in").text
    address = re.search(r'href="(/static/app\.css\?v=\w+)"', page)
    assert address is not None
    answer = browser.get(address[1], headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert browser.get("/static/app.css?v=old").headers["cache-control"] == "no-cache"
    tag = {"if-none-match": answer.headers["etag"]}
    assert browser.get("/static/app.css", headers=tag).status_code == 304
    assert browser.get("/static/../app.py").status_code == 404
    plain = browser.get("/static/app.css", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
