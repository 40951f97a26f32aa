"""The world's HTTP server: simple indexes (PEP 503, 691 and 658) on a free loopback port."""

from __future__ import annotations

import hashlib
import html
import json
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.world import urls, wheels
from tests.world.wheel import archive, sha256

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.world.stubs import Pins
    from tests.world.wheel import Wheel

_JSON = "application/vnd.pypi.simple.v1+json"
_UPLOADED = "2023-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Planted:
    """What a path answers instead of what is there, for the next `times` requests; a `delay` is in seconds."""

    status: int = 200
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    times: int = 10**9
    authorization: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """A running world; `url` is its root, without a last slash. `planted` answers first, `asked` has every path."""

    url: str
    planted: dict[str, Planted]
    asked: list[str]


@contextmanager
def serve() -> Iterator[World]:
    """Run a world; it has stopped, and its port is free, when the block ends."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield World(f"http://127.0.0.1:{server.server_port}", server.planted, server.asked)
        finally:
            server.shutdown()
            thread.join()
    if server.bug:
        raise server.bug


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # uv opens many connections at once
    bug: BaseException | None = None

    def __init__(self, *args: Any) -> None:
        self.planted: dict[str, Planted] = {}
        self.asked: list[str] = []
        super().__init__(*args)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what went wrong here for `serve` to raise; a client that hangs up is no error."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            self.bug = error


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, else each answer waits for the client's acknowledgement
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: standard error belongs to the tests."""

    def do_GET(self) -> None:
        """Answer a page, a wheel or its metadata, or what was planted there."""
        server = self.server
        assert isinstance(server, _Server)
        server.asked.append(self.path)
        content, kind = answer(self.path, wants_json=_JSON in self.headers.get("Accept", ""))
        status, headers = (200 if content is not None else 404), [("Cache-Control", "max-age=86400, immutable")]
        # An answer never changes, so that uv need not ask twice in a session; one that was planted does.
        if planted := server.planted.get(self.path):
            server.planted[self.path] = replace(planted, times=planted.times - 1)
            if planted.times == 1:
                del server.planted[self.path]
            time.sleep(planted.delay)
            tag = hashlib.sha256(planted.body or b"").hexdigest()[:12]
            status, headers = planted.status, [("Cache-Control", "no-cache"), ("ETag", f'"{tag}"'), *planted.headers]
            content = content if planted.body is None else planted.body
            if status == 200 and self.headers.get("If-None-Match") == f'"{tag}"':
                status, content = 304, b""
            if planted.authorization and self.headers.get("Authorization") != planted.authorization:
                status, content = 401, b""
        self._send(status, kind, content or b"", headers)

    def _send(self, status: int, kind: str, content: bytes, headers: list[tuple[str, str]]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def answer(path: str, *, wants_json: bool) -> tuple[bytes | None, str]:
    """The content at a path and its media type; the content is None where nothing is."""
    address = urls.parse(path)
    if address is None:
        return None, "text/plain"
    if not address.file:
        return _json_page(address) if wants_json else _html_page(address)
    wheel = _by_name(address.index, address.name, address.pins).get(address.file.removesuffix(".metadata"))
    if wheel is None:
        return None, "text/plain"
    return wheel.metadata if address.file.endswith(".metadata") else archive(wheel), "application/octet-stream"


@cache
def _by_name(index: str, name: str, pins: Pins) -> Mapping[str, Wheel]:
    return {wheel.filename: wheel for wheel in wheels.on_index(index, name, pins)}


@cache
def _json_page(address: urls.Address) -> tuple[bytes | None, str]:
    files = wheels.on_index(address.index, address.name, address.pins)
    entries = [_entry(wheel, has_time=address.index == wheels.PYPI) for wheel in files]
    page = {"meta": {"api-version": "1.1"}, "name": address.name, "files": entries}
    return (json.dumps(page).encode() if files else None), _JSON


def _entry(wheel: Wheel, *, has_time: bool) -> dict[str, Any]:
    entry = {
        "filename": wheel.filename,
        "url": quote(wheel.filename),
        "hashes": {"sha256": sha256(wheel)},
        "size": len(archive(wheel)),
        "core-metadata": True,
    }
    if wheel.python:
        entry["requires-python"] = wheel.python
    if has_time:  # PyTorch's indexes tell none
        entry["upload-time"] = _UPLOADED
    return entry


@cache
def _html_page(address: urls.Address) -> tuple[bytes | None, str]:
    files = wheels.on_index(address.index, address.name, address.pins)
    page = "<!DOCTYPE html><html><body>\n" + "\n".join(map(_link, files)) + "\n</body></html>"
    return (page.encode() if files else None), "text/html"


def _link(wheel: Wheel) -> str:
    python = f' data-requires-python="{html.escape(wheel.python)}"' if wheel.python else ""
    href = f"{quote(wheel.filename)}#sha256={sha256(wheel)}"
    return f'<a href="{href}" data-core-metadata="true"{python}>{wheel.filename}</a>'
