"""A collector of traces: keeps, byte for byte, what is sent to it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Collected:
    """What came, and where to send it."""

    address: str
    bodies: list[bytes] = field(default_factory=list)

    def text(self) -> str:
        """Give everything in it that can be read."""
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (  # noqa: PLC0415
            ExportTraceServiceRequest,
        )

        return "\n".join(str(ExportTraceServiceRequest.FromString(one)) for one in self.bodies)


@contextmanager
def collector() -> Iterator[Collected]:
    """Listen on this machine until left."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["content-length"])
            collected.bodies.append(self.rfile.read(size))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collected = Collected(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collected
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
