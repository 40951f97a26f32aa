"""The review page in a real browser: what a reader sees, the keys, the marks, and texts that want to be markup."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest

from variantfix.errors import InputError
from variantfix.migrate.sources import read_names
from variantfix.migrate.told import MEANING, WORDS
from variantfix.report.html import write_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EVIL = "</script><script>window.evil = 1</script><img src=x onerror='window.evil = 2'>&lt;b&gt; <!--"
DIFF = """\
--- a/pyproject.toml
+++ b/pyproject.toml
@@ -8,4 +8,5 @@
 cpu = ["torch>=2.7"]
+# new
-    { index = "cu128" },
+    { index = "cu128", marker = "x" },
 ]
\\ No newline at end of file
"""


def unit(name: str, result: str = "changed", *rules: str, **more: Any) -> dict[str, Any]:
    status = "repaired" if result == "changed" else "open"
    finding = {"severity": "error", "file": "pyproject.toml", "line": 8, "status": status}
    findings = [{"rule": rule, "message": f"about {rule}", "remedy": "do it", **finding} for rule in rules]
    empty = {"error": "", "repaired": 0, "remaining": 0, "commit": "", "verdict": "", "diff": ""}
    return {"unit": name, "result": result, "findings": findings, **empty, **more}


ABOUT = {
    "mood": "",
    "version": "1.2.3",
    "begun": "2030-01-02 03:04 UTC",
    "command": "variantfix migrate 'https://***@example.com/a.git' --report review.html",
    "meanings": MEANING,
    "words": WORDS,
}
UNITS = [
    unit(
        "org/one",
        "changed",
        "missing-conflict",
        diff=DIFF,
        repaired=1,
        commit="0123456789abcdef",
        verdict="uv locks it",
    ),
    unit("org/two", "changed", "missing-marker", diff=DIFF, repaired=1),
    unit("org/three", "clean"),
    unit("org/four", "failed", error=f"not TOML: {EVIL}"),
    unit(f"org/{EVIL}", "refused", EVIL, diff=f"--- a/x\n+++ b/{EVIL}\n@@ -1 +1 @@\n-{EVIL}\n+{EVIL}!\n", remaining=1),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if BROWSER is None:
        if os.environ.get("CI") == "true":
            pytest.fail("there is no Chromium: apt-get install chromium", pytrace=False)
        pytest.skip("there is no Chromium on this machine, so the page was not tried in one")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def troubles() -> list[str]:
    return []


@pytest.fixture
def page(browser: Browser, troubles: list[str]) -> Iterator[Page]:
    """A page that keeps count of errors, and of anything that it asks the network for."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda message: troubles.append(message.text))
    opened.on(
        "request", lambda request: None if request.url.startswith(("file:", "blob:")) else troubles.append(request.url)
    )
    yield opened
    context.close()
    assert troubles == []


def load(page: Page, folder: Path, units: list[dict[str, Any]], about: dict[str, Any] | None = None) -> None:
    write_page(units, folder / "review.html", about or ABOUT)
    page.goto((folder / "review.html").as_uri())


def rows(page: Page) -> list[str]:
    return page.locator(".row .name").all_inner_texts()


def selected(page: Page) -> str:
    return page.locator(".row[aria-selected=true] .name").inner_text()


def test_no_units_is_a_page_that_says_so(page: Page, tmp_path: Path) -> None:
    load(page, tmp_path, [])
    assert page.locator("#results").inner_text().split() == ["0", "units"]
    assert page.locator("#list").inner_text() == "No unit is like that."


def test_it_shows_totals_findings_and_the_diff(page: Page, tmp_path: Path) -> None:
    load(page, tmp_path, UNITS)
    assert page.locator("#results").inner_text().split() == [
        *("5", "units", "2", "changed", "1", "clean", "1", "refused", "1", "failed")
    ]
    assert rows(page)[:4] == ["org/one", "org/two", "org/three", "org/four"]
    assert page.locator("#detail h2").inner_text() == "org/one"
    assert page.locator(".findings li").inner_text().split("\n") == [
        *("repaired", "error missing-conflict pyproject.toml:8", "about missing-conflict", "fix: do it"),
    ]
    assert page.locator(".meaning").count() == 0, "the diff says it"
    assert page.locator(".note").inner_text() == "uv locks it"
    assert page.locator(".bar code").inner_text() == "0123456789ab"
    lines = page.locator(".diff tr").evaluate_all(
        "rows => rows.map(r => [r.className, ...[...r.cells].map(c => c.textContent)])"
    )
    assert lines == [
        ["hunk", "", "", "", "@@ -8,4 +8,5 @@"],
        ["", "8", "8", "", 'cpu = ["torch>=2.7"]'],
        ["add", "", "9", "+", "# new"],
        ["del", "9", "", "\N{MINUS SIGN}", '    { index = "cu128" },'],
        ["add", "", "10", "+", '    { index = "cu128", marker = "x" },'],
        ["", "10", "11", "", "]"],
        ["meta", "", "", "", "No newline at end of file"],
    ]
    assert page.locator(".diff mark").all_inner_texts() == [', marker = "x"']


def test_it_says_where_it_comes_from(page: Page, tmp_path: Path) -> None:
    load(page, tmp_path, UNITS, {**ABOUT, "command": f"variantfix migrate '{EVIL}'"})
    said = f"variantfix 1.2.3, begun 2030-01-02 03:04 UTC: variantfix migrate '{EVIL}'"
    assert page.locator("#about").inner_text() == said
    assert page.evaluate("window.evil") is None


def test_a_dry_run_says_what_would_be(page: Page, tmp_path: Path) -> None:
    load(page, tmp_path, UNITS, {**ABOUT, "mood": "dry run"})
    assert page.locator("#about").inner_text().startswith("dry run · variantfix 1.2.3")
    assert page.locator(".row .about").first.inner_text() == "1 would be repaired"
    assert page.locator(".findings .state").inner_text() == "would be repaired"


def test_a_rule_opens_its_page(page: Page, tmp_path: Path) -> None:
    load(page, tmp_path, UNITS)
    page.locator(".findings .rule").click()
    shown = page.locator("#rule-page")
    assert shown.locator("h2").inner_text() == "missing-conflict"
    assert "Severity: error. Fix: safe." in shown.inner_text()
    assert "Why it matters" in shown.inner_text()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    assert not shown.is_visible()
    assert page.locator(".mark.accept").count() == 0, "a key on the rule's page marks nothing behind it"


def test_what_a_result_means_is_said(page: Page, tmp_path: Path) -> None:
    load(page, tmp_path, [*UNITS, unit("org/six", "refused", "base-torch", remaining=1)])
    page.locator(".row", has_text="org/six").click()
    assert page.locator(".meaning").inner_text() == MEANING["refused"]
    page.locator("[data-result=clean]").click()
    assert page.locator(".meaning").inner_text() == MEANING["clean"]
    assert page.locator("[data-result=refused]").get_attribute("title") == MEANING["refused"]
    page.locator("#help-button").click()
    assert page.locator("#meanings dt").all_inner_texts() == [WORDS.get(result, result) for result in MEANING]


def test_where_nothing_is_changed_there_is_nothing_to_accept(page: Page, tmp_path: Path) -> None:
    found = [unit("org/a", "found", "missing-conflict", remaining=1), unit("org/b", "clean")]
    load(page, tmp_path, found, {**ABOUT, "mood": "check"})
    for key in "ajs":
        page.keyboard.press(key)
    assert page.locator(".mark.accept, .mark.skip").count() == 0
    for name in ("#accept-shown", "#export", "#marked"):
        assert not page.locator(name).is_visible()
    assert page.locator(".bar [data-mark]").count() == 0
    assert page.locator(".row .about").first.inner_text() == "1 found"


def test_filters_by_result_rule_mark_and_text(page: Page, tmp_path: Path) -> None:
    load(page, tmp_path, UNITS)
    page.locator("[data-result=failed]").click()
    assert rows(page) == ["org/four"]
    page.locator("[data-result='']").click()
    page.locator("#rule").select_option("missing-marker")
    assert rows(page) == ["org/two"]
    page.locator("#rule").select_option("")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("NOT TOML")
    assert rows(page) == ["org/four"]
    page.locator("#search").fill("")
    for key in ("Escape", "k", "k", "a"):
        page.keyboard.press(key)
    page.locator("#marked").select_option("accept")
    assert len(rows(page)) == 1
    page.locator("#marked").select_option("none")
    assert len(rows(page)) == 4


def test_keys_step_and_mark_and_the_export_is_what_only_takes(page: Page, tmp_path: Path) -> None:
    load(page, tmp_path, UNITS)
    assert page.locator("#export").is_disabled()
    for key in "jjk":
        page.keyboard.press(key)
    assert selected(page) == "org/two"
    page.keyboard.press("a")
    assert selected(page) == "org/three"
    for key in "aska":  # org/three and org/four have no diff: nothing to mark, and the next one comes
        page.keyboard.press(key)
    assert selected(page) == f"org/{EVIL}"
    page.keyboard.press("a")
    assert page.locator(".mark").all_inner_texts() == ["", "✓", "", "", "✓"]
    for key in "kkkks":
        page.keyboard.press(key)
    assert page.locator(".mark").all_inner_texts() == ["✕", "✓", "", "", "✓"]
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.keyboard.press("e")
    download.value.save_as(tmp_path / "accepted.txt")
    assert download.value.suggested_filename == "accepted.txt"
    assert read_names(f"@{tmp_path}/accepted.txt") == {"org/two", f"org/{EVIL}"}
    assert selected(page) == "org/two"
    page.keyboard.press("u")
    assert page.locator("#export").inner_text() == "Export accepted (1)"


def test_marks_outlive_the_page(page: Page, tmp_path: Path) -> None:
    load(page, tmp_path, UNITS)
    page.keyboard.press("a")
    page.locator("#export", has_text="Export accepted (1)").wait_for()
    page.reload()
    page.locator("#export", has_text="Export accepted (1)").wait_for()


def test_texts_stay_texts(page: Page, tmp_path: Path) -> None:
    load(page, tmp_path, UNITS)
    for _ in UNITS:
        page.keyboard.press("j")
    assert page.evaluate("window.evil") is None
    assert page.locator("#detail h2").inner_text() == f"org/{EVIL}"
    assert page.locator(".file h3").inner_text() == EVIL
    assert page.locator(".diff .del .text").inner_text() == EVIL
    assert page.locator("img").count() == 0
    assert len(re.findall(r"<script", (tmp_path / "review.html").read_text())) == 4


def test_five_thousand_units_stay_usable(page: Page, tmp_path: Path) -> None:
    load(page, tmp_path, [unit(f"org/{n:05}", "changed", "missing-marker", diff=DIFF * 8) for n in range(5000)])
    assert page.locator(".row").count() < 40
    begun = time.monotonic()
    for _ in range(50):
        page.keyboard.press("j")
    page.locator("#search").fill("org/04999")
    assert rows(page) == ["org/04999"]
    page.locator("#search").fill("")
    page.locator("#list").evaluate("list => { list.scrollTop = list.scrollHeight; }")
    page.locator(".row", has_text="org/04999").click()
    assert page.locator("#detail h2").inner_text() == "org/04999"
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("width", [1280, 480])
def test_nothing_is_wider_than_the_window(width: int, page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    long = unit("org/" + "long-name-" * 40, "changed", "missing-marker", diff=DIFF.replace("x", "x" * 400))
    load(page, tmp_path, [long, *UNITS])
    for view in ("list", "detail"):
        if view == "detail":
            page.keyboard.press("Enter")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(f"#{view}").is_visible()
    assert page.locator("#list").is_visible() == (width == 1280)
    if width == 480:
        page.locator("#back").click()
        assert page.locator("#list").is_visible()


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone/x\.html: cannot be written: no such file or directory"):
        write_page([], tmp_path / "gone" / "x.html", ABOUT)


def test_the_data_in_the_page_is_json(tmp_path: Path) -> None:
    write_page(UNITS, tmp_path / "x.html", ABOUT)
    text = (tmp_path / "x.html").read_text()
    data = text.partition('id="data">')[2].partition("</script>")[0]
    assert json.loads(data) == UNITS
