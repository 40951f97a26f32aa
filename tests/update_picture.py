"""Take the picture of the review page for the README: `python -m tests.update_picture`; it needs a Chromium.

The page is the program's own, over the projects in examples/.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "review.png"


def make_page(folder: Path) -> Path:
    """The page of a dry run over copies of the examples, named as repositories are."""
    for before in sorted((ROOT / "examples").glob("*/before")):
        shutil.copytree(before, folder / "projects" / before.parent.name)
    command = [sys.executable, "-m", "variantfix", "migrate", "projects", "--dry-run", "--report", "review.html"]
    subprocess.run([*command, "--state", "state", "-q"], cwd=folder, check=False)
    return folder / "review.html"


def main() -> None:
    """Write the picture."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = make_page(Path(folder))
        running = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = running.new_page(viewport={"width": 1200, "height": 720}, color_scheme="light")
        page.goto(page_file.as_uri())
        page.locator(".row", has_text="first-extras").click()
        page.screenshot(path=PICTURE)
        running.close()


if __name__ == "__main__":
    main()
