"""An HTTP client that is polite: few requests at once, a rate, a cache on disk that asks whether something is new.

Requests that fail for a while (no connection, a time-out, 429, 5xx) are tried again, later each time; a server that
says when (`Retry-After`) is obeyed.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from variantfix.credentials import strip
from variantfix.errors import ConfigError, VariantfixError
from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path
    from types import TracebackType

    import httpx

    from variantfix.online.secrets import Secrets

_AGENT = "variantfix"
_LONGEST_WAIT = 60.0


class FetchError(VariantfixError):
    """Something that could not be fetched, or not be read: it says nothing about what is there."""

    exit_code = 1


class Manners(NamedTuple):
    """How an index is asked: `rate` requests a second, `at_once` of them open, `tries` for each, `timeout` seconds."""

    rate: float = 10.0
    at_once: int = 8
    tries: int = 4
    timeout: float = 30.0
    patience: float = 0.5


class Fetched(NamedTuple):
    """The body of an answer, its media type, and the URL that it came from in the end."""

    body: bytes
    media_type: str
    url: str


class Fetcher:
    """One client for a run; an asynchronous context manager. `requests` counts what went over the network."""

    def __init__(self, cache: Path, manners: Manners = Manners(), secrets: Secrets | None = None) -> None:  # noqa: B008
        self.manners = manners
        self.requests = 0
        self._cache = cache
        self._secrets = secrets
        self._open = AsyncExitStack()
        self._slots = asyncio.Semaphore(manners.at_once)
        self._turn = asyncio.Lock()
        self._next = 0.0

    async def __aenter__(self) -> Fetcher:
        self._client = await self._open.enter_async_context(_client(self._cache, self.manners, self._wait_for_turn))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def get(self, url: str, accept: str = "*/*") -> Fetched | None:
        """The answer for a URL; None where nothing is there (404, and 403 as PyTorch's host says it).

        Raises `FetchError` where it cannot be had after all tries. Credentials in the URL go into a header.
        """
        import httpx

        said = ""
        for attempt in range(self.manners.tries):
            wait = 0.0
            try:
                response = await self._ask(url, accept)
            except httpx.TransportError as error:
                said = str(error) or type(error).__name__
            else:
                if response.status_code in (403, 404, 410):
                    return None
                if response.status_code < 400:
                    return Fetched(response.content, response.headers.get("Content-Type", ""), str(response.url))
                said = f"HTTP {response.status_code}"
                if response.status_code != 429 and response.status_code < 500:
                    break
                wait = _seconds(response.headers.get("Retry-After", ""))
            if attempt + 1 < self.manners.tries:
                await asyncio.sleep(max(wait, self._pause(attempt)))
        raise FetchError(f"{strip(url)}: {said}")

    async def _ask(self, url: str, accept: str) -> httpx.Response:
        import httpx

        async with self._slots:
            auth = self._secrets.of(url) if self._secrets else None
            bare = httpx.URL(url).copy_with(userinfo=b"")
            return await self._client.get(bare, headers={"Accept": accept}, auth=auth)

    async def _wait_for_turn(self) -> None:
        """Wait until the rate admits one more request over the network: what the cache has waits for nothing."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, self._next - now))
            self._next = max(now, self._next) + 1 / self.manners.rate
            self.requests += 1

    def _pause(self, attempt: int) -> float:
        return float(self.manners.patience * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - no secret


def _seconds(text: str) -> float:
    return min(float(text), _LONGEST_WAIT) if text.isdecimal() else 0.0


def _client(cache: Path, manners: Manners, turn: Callable[[], Awaitable[None]]) -> httpx.AsyncClient:
    try:
        import httpx
        from hishel import AsyncSqliteStorage, CacheOptions
        from hishel.httpx import AsyncCacheTransport
    except ImportError:
        raise ConfigError("this needs the extra `online`", hint="pip install 'variantfix[online]'") from None

    class Network(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await turn()
            return await super().handle_async_request(request)

    cache.mkdir(parents=True, exist_ok=True)
    storage = AsyncSqliteStorage(database_path=cache / "http.db")
    transport = AsyncCacheTransport(Network(), storage=storage, rfc=CacheOptions(shared=False, allow_stale=False))
    return httpx.AsyncClient(
        transport=transport, timeout=manners.timeout, follow_redirects=True, headers={"User-Agent": _AGENT}
    )


def cache_folder() -> Path:
    """The folder of the cache, as the platform has it. Raises `ConfigError` without the extra."""
    try:
        from platformdirs import user_cache_path
    except ImportError:
        raise ConfigError("this needs the extra `online`", hint="pip install 'variantfix[online]'") from None
    return user_cache_path("variantfix", appauthor=False)
