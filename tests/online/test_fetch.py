"""The client: polite, patient, and never sure of what it could not fetch."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING

import pytest

from tests.world.server import Planted, serve
from variantfix.online import simple
from variantfix.online.fetch import Fetched, Fetcher, FetchError, Manners, cache_folder
from variantfix.online.secrets import Secrets, secrets_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from tests.world.server import World

QUICK = Manners(rate=1000, at_once=4, tries=3, timeout=0.5, patience=0.01)
PAGE = "/pypi/simple/accelerate/"


@pytest.fixture
def shop() -> Iterator[World]:
    with serve() as world:
        yield world


def run(work: Callable[[Fetcher], Awaitable[object]], cache: Path, secrets: Secrets | None = None) -> object:
    async def all_of_it() -> object:
        async with Fetcher(cache, QUICK, secrets) as fetcher:
            return await work(fetcher)

    return asyncio.run(all_of_it())


def page(shop: World, cache: Path, name: str = "accelerate", secrets: Secrets | None = None) -> object:
    return run(lambda fetcher: simple.wheels(fetcher, f"{shop.url}/pypi/simple", name), cache, secrets)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Planted(503, times=2), id="unavailable"),
        pytest.param(Planted(429, times=2, headers=(("Retry-After", "0"),)), id="too-many-requests"),
        pytest.param(Planted(delay=0.8, times=1), id="slow"),
    ],
)
def test_what_passes_is_tried_again(fault: Planted, shop: World, tmp_path: Path) -> None:
    shop.planted[PAGE] = fault
    files = page(shop, tmp_path)
    assert [file.filename for file in files][-1] == "accelerate-2.5.0-py3-none-any.whl"  # type: ignore[attr-defined]
    assert shop.asked.count(PAGE) == fault.times + 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        pytest.param(Planted(503), "HTTP 503", id="unavailable"),
        pytest.param(Planted(401), "HTTP 401", id="unauthorised"),
        pytest.param(Planted(body=b"{nothing"), "not a page of the simple API", id="broken-json"),
        pytest.param(Planted(body=b'{"files": 1}'), "not a page of the simple API", id="another-json"),
    ],
)
def test_what_cannot_be_had_says_nothing(fault: Planted, said: str, shop: World, tmp_path: Path) -> None:
    shop.planted[PAGE] = fault
    with pytest.raises(FetchError, match=said):
        page(shop, tmp_path)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with serve() as gone:
        url = gone.url
    with pytest.raises(FetchError):
        run(lambda fetcher: fetcher.get(f"{url}/x"), tmp_path)


def test_a_package_that_an_index_does_not_have(shop: World, tmp_path: Path) -> None:
    assert run(lambda fetcher: simple.wheels(fetcher, f"{shop.url}/whl/cu128", "accelerate"), tmp_path) is None


def test_an_answer_that_is_fresh_is_not_asked_for_again(shop: World, tmp_path: Path) -> None:
    assert page(shop, tmp_path) == page(shop, tmp_path)
    assert shop.asked.count(PAGE) == 1


def test_an_answer_that_may_be_stale_is_asked_for_by_its_tag(shop: World, tmp_path: Path) -> None:
    body = json.dumps({"meta": {"api-version": "1.0"}, "name": "accelerate", "files": []}).encode()
    shop.planted[PAGE] = Planted(body=body)
    assert page(shop, tmp_path) == page(shop, tmp_path) == ()
    assert shop.asked.count(PAGE) == 2


def test_what_is_withdrawn_or_no_wheel_is_left_out(shop: World, tmp_path: Path) -> None:
    names = ("a-1-py3-none-any.whl", "a-2-py3-none-any.whl", "a-3.tar.gz", "a-four-py3-none-any.whl")
    files = [{"filename": name, "url": name, "hashes": {}, "yanked": "-2-" in name} for name in names]
    body = json.dumps({"meta": {"api-version": "1.0"}, "name": "a", "files": files}).encode()
    shop.planted["/pypi/simple/a/"] = Planted(body=body)
    found = page(shop, tmp_path, "a")
    assert [file.filename for file in found] == ["a-1-py3-none-any.whl"]  # type: ignore[attr-defined]


def test_a_page_in_html_is_read_too(shop: World, tmp_path: Path) -> None:
    async def ask(fetcher: Fetcher) -> object:
        answer = await fetcher.get(f"{shop.url}/pypi/simple/accelerate/", "text/html")
        assert isinstance(answer, Fetched)
        return [each.has_metadata for each in simple._page(answer, "accelerate").packages]

    assert run(ask, tmp_path) == [True, True, True]


def test_metadata_without_the_wheel(shop: World, tmp_path: Path) -> None:
    async def ask(fetcher: Fetcher) -> object:
        files = await simple.wheels(fetcher, f"{shop.url}/pypi/simple", "pyiqa")
        assert files is not None
        return await simple.metadata(fetcher, files[-1])

    found = run(ask, tmp_path)
    assert isinstance(found, simple.Metadata)
    assert (found.name, found.version) == ("pyiqa", "2.5.0")
    assert "torchvision" in found.requires
    assert "bitsandbytes ; sys_platform != 'darwin'" in found.requires
    assert not any(path.endswith(".whl") for path in shop.asked)


def test_a_wheel_without_metadata_beside_it(shop: World, tmp_path: Path) -> None:
    bare = simple.File("pyiqa-2.5.0-py3-none-any.whl", "", "")
    lost = simple.File("x-1-py3-none-any.whl", f"{shop.url}/pypi/simple/x/y.whl.metadata", "")
    assert run(lambda fetcher: simple.metadata(fetcher, bare), tmp_path) is None
    assert run(lambda fetcher: simple.metadata(fetcher, lost), tmp_path) is None


def test_metadata_that_is_none(shop: World, tmp_path: Path) -> None:
    path = "/pypi/simple/pyiqa/pyiqa-2.5.0-py3-none-any.whl.metadata"
    shop.planted[path] = Planted(body=b"Hello")
    file = simple.File("pyiqa-2.5.0-py3-none-any.whl", f"{shop.url}{path}", "")
    with pytest.raises(FetchError, match="not the metadata of a package"):
        run(lambda fetcher: simple.metadata(fetcher, file), tmp_path)


def test_requests_keep_to_the_rate(shop: World, tmp_path: Path) -> None:
    async def ask() -> float:
        async with Fetcher(tmp_path, Manners(rate=20, at_once=8)) as fetcher:
            start = asyncio.get_running_loop().time()
            await asyncio.gather(*(fetcher.get(f"{shop.url}/nothing/{n}") for n in range(5)))
            assert fetcher.requests == 5
            return asyncio.get_running_loop().time() - start

    assert asyncio.run(ask()) >= 4 / 20


def test_what_the_cache_has_waits_for_no_turn_and_counts_for_none(shop: World, tmp_path: Path) -> None:
    async def ask(rate: float) -> tuple[int, float]:
        async with Fetcher(tmp_path, Manners(rate=rate)) as fetcher:
            start = asyncio.get_running_loop().time()
            for name in ("accelerate", "peft", "timm"):
                await fetcher.get(f"{shop.url}/pypi/simple/{name}/")
            return fetcher.requests, asyncio.get_running_loop().time() - start

    assert asyncio.run(ask(1000))[0] == 3
    requests, seconds = asyncio.run(ask(0.5))
    assert requests == 0
    assert seconds < 2
    assert len(shop.asked) == 3


# Credentials

BASIC = f"Basic {base64.b64encode(b'me:pa@ss').decode()}"


def test_credentials_of_the_url_are_sent_and_never_told(shop: World, tmp_path: Path) -> None:
    shop.planted[PAGE] = Planted(authorization=BASIC, headers=(("X", "y"),))
    url = f"{shop.url}/pypi/simple".replace("http://", "http://me:pa%40ss@")
    given = secrets_of({"corp": url})
    assert run(lambda fetcher: simple.wheels(fetcher, url, "accelerate"), tmp_path, given)
    assert b"pa@ss" not in (tmp_path / "http.db").read_bytes()
    with pytest.raises(FetchError) as refused:
        run(lambda fetcher: simple.wheels(fetcher, url, "accelerate"), tmp_path / "other")
    assert "pa" not in str(refused.value).partition("/pypi")[0]


def test_credentials_of_variables_netrc_and_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = secrets_of({"my-corp": "https://packages.example.com/simple"})
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    assert named.of("https://packages.example.com/simple/x/") is None
    assert named.of("https://elsewhere.example.com/simple/x/") is None
    (tmp_path / "netrc").write_text("machine packages.example.com login net password rc\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert named.of("https://packages.example.com/simple/x/") == ("net", "rc")
    monkeypatch.setenv("UV_INDEX_MY_CORP_USERNAME", "var")
    monkeypatch.setenv("UV_INDEX_MY_CORP_PASSWORD", "iable")
    assert named.of("https://packages.example.com/simple/x/") == ("var", "iable")


def test_a_keyring_is_asked_only_when_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "keyring"
    program.write_text('#!/bin/sh\n[ "$2" = packages.example.com ] && echo secret\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    url = "https://packages.example.com/simple"
    assert secrets_of({"corp": url}).of(url) is None
    assert secrets_of({"corp": url}, keyring=True).of(url) == ("__token__", "secret")
    other = "https://elsewhere.example.com/simple"
    assert secrets_of({"corp": other}, keyring=True).of(other) is None
    program.unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert secrets_of({"corp": url}, keyring=True).of(url) is None


def test_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder().name == "variantfix"
