"""No output shows a user or a password."""

from __future__ import annotations

import pytest

from variantfix.credentials import mask, strip
from variantfix.errors import InputError, VerifyError


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("no URL, but user@host", "no URL, but user@host", id="an address is no URL"),
        pytest.param("https://packages.example.com/simple", "https://packages.example.com/simple", id="none in it"),
        pytest.param("https://u:p@a.example.com/s", "https://***@a.example.com/s", id="user and password"),
        pytest.param("https://token@a.example.com/s#cpu", "https://***@a.example.com/s#cpu", id="a token alone"),
        pytest.param(
            "at `https://u:p%40x@a.example.com/s` and http://t@b.example.com",
            "at `https://***@a.example.com/s` and http://***@b.example.com",
            id="two, one in quotes",
        ),
        pytest.param("git+ssh://git:p@h.example.com/r@v1", "git+ssh://***@h.example.com/r@v1", id="a tag stays"),
        pytest.param("https://h.example.com/r@v1", "https://h.example.com/r@v1", id="an at sign in the path"),
    ],
)
def test_credentials_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert str(InputError(text, hint=text)) == f"{masked} ({masked})"
    assert VerifyError("refused", words=text).words == masked


@pytest.mark.parametrize(
    ("url", "stripped"),
    [
        pytest.param("https://a.example.com/s", "https://a.example.com/s", id="as it is"),
        pytest.param("https://a.example.com/s/", "https://a.example.com/s", id="a last slash is nothing"),
        pytest.param("https://u:p@a.example.com/s#cpu", "https://a.example.com/s#cpu", id="a fragment is an identity"),
    ],
)
def test_indexes_compare_without_credentials(url: str, stripped: str) -> None:
    assert strip(url) == stripped
