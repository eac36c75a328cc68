"""
Says by its exit code whether a web application answers: `python -m ccm_flow.web.healthy URL`.

For the health checks of containers; it loads nothing but Python's own library.
"""

import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

_PATIENCE_SECONDS = 4.0


def main(url: str) -> int:
    """Give 0 when the address answers that all is well, 1 otherwise."""
    asked = urlsplit(url)
    connection = HTTPConnection(asked.netloc, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", asked.path)
        return int(connection.getresponse().status != HTTPStatus.OK)
    except (OSError, HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
