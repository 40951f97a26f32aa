"""Loopback servers that behave badly: one path is forbidden, another never answers."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def bad_remotes() -> Iterator[dict[str, str]]:
    """URLs of repositories that cannot be cloned, each with why: `forbidden` or `hangs`."""
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/hangs"):
                stop.wait(60)
                return
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    host = f"http://somebody:secret@127.0.0.1:{server.server_port}"
    try:
        yield {f"{host}/{what}.git": what for what in ("forbidden", "hangs")}
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        thread.join()
