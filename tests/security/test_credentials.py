"""No credential leaves the program, in whatever form it stands in a URL, and by whatever exit."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.migrate.fleet import BROKEN, TEMPLATES, make_repository
from tests.migrate.test_folders import write
from variantfix.__main__ import main
from variantfix.credentials import mask, mask_all, strip

SECRET = "S3CRET"
FORMS = {
    "plain": "https://user:{}@h.example.com/simple",
    "an at sign inside": "https://user:{}@more@h.example.com/simple",
    "a user alone": "https://{}@h.example.com/simple",
    "no user": "https://:{}@h.example.com/simple",
    "capitals": "HTTPS://user:{}@h.example.com/simple",
    "no scheme": "//user:{}@h.example.com/simple",
    "git": "git+ssh://user:{}@h.example.com/x.git",
    "a port": "https://user:{}@h.example.com:8080/simple",
    "a token": "https://h.example.com/simple?token={}",
    "a second parameter": "https://h.example.com/simple?a=b&api_key={}&c=d",
    "a signature": "https://h.example.com/w.whl?X-Amz-Signature={}#sha256=0",
    "a blank inside": "https://user:a {}@h.example.com/simple",
    "a quote inside": "https://user:a\"{}@h.example.com/simple",
    "an apostrophe inside": "https://user:a'{}@h.example.com/simple",
    "a number before a hash": "https://:0#{}@h.example.com/simple",
    "a number before a slash": "https://user:0?a/{}@h.example.com/simple",
    "a question mark inside": "https://user:a?{}@h.example.com/simple",
    "a slash inside": "https://user:a/{}@h.example.com/simple",
    "escaped": f"https://user:{{}}{quote('@/:', safe='')}@h.example.com/simple",
}  # fmt: skip
FRAMES = ("{}", "the index {!r} is", "see {}, and {}", 'url = "{}" # {}', "({})", "<{}>", "a: {}\nb: {}")


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_is_masked(form: str, frame: str) -> None:
    url = form.format(SECRET)
    shown = mask(frame.format(*[url] * frame.count("{")))
    assert SECRET not in shown
    assert "***" in shown
    assert mask(shown) == shown


_WORD = st.text(st.characters(blacklist_characters="/\n\r@:", blacklist_categories=["Cs"]), max_size=12)


@given(user=_WORD, before=_WORD, after=_WORD, scheme=st.sampled_from(["http", "HTTPS", "git+ssh", "ftp", ""]))
def test_whatever_stands_around_it(user: str, before: str, after: str, scheme: str) -> None:
    user = "".join(user.split()).translate(dict.fromkeys(map(ord, "\"'`<>?#\\")))
    # `http://h:80, and a@b` says the same of a port: there is no telling.
    assume(not (user and re.match(r"""\d{1,5}[\s"'`,;)\]}]""", before.lstrip())))
    secret = f"{before.lstrip()}{SECRET}{after}"
    url = f"{scheme}:" * bool(scheme) + f"//{user}:{secret}@h.example.com/simple"
    assert SECRET not in mask(url)
    assert SECRET not in mask(f"pkg @ {url} and more")
    assert SECRET not in json.dumps(mask_all({"url": [url]}))
    assert SECRET not in strip(url)


@pytest.mark.parametrize(
    "text",
    [
        "https://download.pytorch.org/whl/cpu",
        "http://localhost:8080, then torch@2",
        "http://127.0.0.1:8080/simple and x@y",
        "https://h.example.com: mail me@example.com",
        "https://h.example.com/a@v1",
        "git@h.example.com:a/b.git",
        "https://h.example.com/simple?page=2",
    ],
)
def test_what_is_no_credential_stays(text: str) -> None:
    assert mask(text) == text


def test_masking_is_linear() -> None:
    for text in ("//a:b" * 200_000, "//" + "a" * 10**6, "?token" * 150_000, "//x:" + "y@" * 500_000 + "/"):
        mask(text)


_URL = f"https://user:{SECRET}@mirror.example.com/whl/cu128?token={SECRET}"
# A comment among the sources, so that a diff of these shows one.
PROJECT = BROKEN.replace("torch = [\n", f"torch = [ # {_URL}\n").replace("https://download.pytorch.org/whl/cu128", _URL)


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "diff"])
@pytest.mark.parametrize("command", ["check", "apply"])
def test_no_format_shows_one(
    command: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = PROJECT.replace('extra = "cpu" }', 'extra = "cpu" }').replace("explicit = true\n", "", 1)
    write(tmp_path, {"pyproject.toml": text})
    args = ["--dry-run"] if command == "apply" else ["-v"]
    main([command, *args, "--format", form, "--unsafe" if command == "apply" else "-q"])
    out, err = capsys.readouterr()
    assert SECRET not in out + err
    main([command, *args, "--format", form, "--output-file", "out"])
    assert SECRET not in Path("out").read_text() + "".join(capsys.readouterr())


def test_a_masked_diff_says_that_it_does_not_apply(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"pyproject.toml": PROJECT})
    main(["apply", "--dry-run"])
    out, err = capsys.readouterr()
    assert "***@mirror" in out
    assert "note: credentials are masked in this diff, so that it does not apply\n" in err


def test_a_migration_shows_none_and_says_which_patches_hold_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Ann\n\temail = ann@example.com\n")
    make_repository(tmp_path / "bare.git", {**TEMPLATES["extras"], "pyproject.toml": PROJECT.encode()})
    args = ["--patches", str(tmp_path / "p"), "--report", str(tmp_path / "r.html"), "--format", "jsonl"]
    assert main(["migrate", (tmp_path / "bare.git").as_uri(), *args, "--state", str(tmp_path / "s")]) == 0
    out, err = capsys.readouterr()
    assert SECRET not in out + err + (tmp_path / "r.html").read_text()
    (patch,) = (tmp_path / "p").iterdir()
    assert SECRET in patch.read_text()
    assert "note: 1 of the patches hold credentials, as the files do\n" in err
    with sqlite3.connect(tmp_path / "s" / "journal.sqlite") as db:
        rows = [*db.execute("select * from units"), *db.execute("select findings, verdict from details")]
        rows += db.execute("select * from meta").fetchall()
    db.close()
    assert SECRET not in repr(rows)


@pytest.mark.parametrize("url", [f"HTTPS://user:{SECRET}@127.0.0.1:9/x.git", f"https://user:{SECRET}@x@127.0.0.1:9/x"])
def test_a_url_that_fails_keeps_its_own(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    assert main(["migrate", url, "--dry-run", "--state", str(tmp_path / "s")]) == 2
    assert SECRET not in "".join(capsys.readouterr())
    assert SECRET.encode() not in b"".join(file.read_bytes() for file in (tmp_path / "s").glob("*.sqlite*"))


def test_plain_data_is_masked_in_every_part() -> None:
    url = FORMS["plain"].format(SECRET)
    data = {url: [url, {1: url, "a": (url, 2, None)}], "b": {"c": url}}
    shown = "https://***@h.example.com/simple"
    assert mask_all(data) == {shown: [shown, {1: shown, "a": [shown, 2, None]}], "b": {"c": shown}}


def test_an_index_is_told_apart_without_credentials_and_last_slashes() -> None:
    assert strip("https://u:p@h.example.com/simplX/") == "https://h.example.com/simplX"
    assert strip("https://h.example.com/simple//") == "https://h.example.com/simple"
