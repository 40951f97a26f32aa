"""No output shows a user or a password."""

from __future__ import annotations

import io

import pytest

from tests.projects import ALONE
from variantfix import apply_text
from variantfix.credentials import mask, strip
from variantfix.errors import InputError, VerifyError
from variantfix.report.diff import write_diff
from variantfix.report.text import write_findings


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


def test_findings_and_diffs_show_none() -> None:
    text = (
        ALONE.replace("explicit = true", "").replace('name = "corp"', "").replace("https://pack", "https://me:pw@pack")
    )
    text = text.replace('name = "pytorch-cpu"\nurl = "https://', 'url = "https://me:pw@')
    repair = apply_text(text)
    stream = io.StringIO()
    write_findings(repair, repair.plan.found, stream)
    write_diff(repair.before, repair.after, stream, stream)
    assert "implicit-index" in stream.getvalue()
    assert 'url = "https://***@' in stream.getvalue()
    assert "pw@" not in stream.getvalue()


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
