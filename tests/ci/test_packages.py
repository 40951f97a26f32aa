"""What the source distribution and the wheel hold."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both distributions, built from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", folder, ROOT], check=True, capture_output=True)
    return folder


@pytest.mark.uv
def test_the_wheel_holds_the_package_with_its_data(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    package = {str(path.relative_to(ROOT)) for path in (ROOT / "variantfix").rglob("*") if path.is_file()}
    held = {name for name in names if ".dist-info/" not in name}
    assert held == {name for name in package if "__pycache__" not in name}
    assert "variantfix/py.typed" in held
    assert [name for name in names if name.endswith("/licenses/LICENSE")]


@pytest.mark.uv
def test_the_source_distribution_can_be_tested(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    wanted = {name for name in tracked.stdout.splitlines() if name.startswith(("variantfix/", "tests/", "examples/"))}
    assert wanted - names == set()
    pages = {name for name in tracked.stdout.splitlines() if "/" not in name and name.endswith(".md")}
    assert pages - names == set()
