"""Which file of a package a platform takes."""

from __future__ import annotations

import pytest

from variantfix.uv.lock import Artifact, Files, Package, Source
from variantfix.uv.lock.wheels import best_artifact
from variantfix.uv.platforms import hosts

PLATFORMS = {platform.name: platform for platform in hosts("3.12")}
SDIST = "demo-1.0.tar.gz"


def package(*names: str) -> Package:
    wheels = tuple(Artifact(name, None) for name in names if name != SDIST)
    sdist = (Artifact(SDIST, None),) if SDIST in names else ()
    return Package("demo", "1.0", Source("registry", ""), (), {}, {}, (), Files(wheels, sdist))


@pytest.mark.parametrize(
    ("platform", "names", "expected"),
    [
        pytest.param("linux-x86_64", (), None, id="nothing"),
        pytest.param("linux-x86_64", (SDIST,), SDIST, id="only a source distribution"),
        pytest.param("linux-x86_64", ("demo-1.0-py2.py3-none-any.whl", SDIST), 0, id="any wheel before the source"),
        pytest.param(
            "linux-x86_64",
            (
                "demo-1.0-py3-none-any.whl",
                "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            ),
            1,
            id="the closest wheel",
        ),
        pytest.param(
            "linux-x86_64",
            (
                "demo-1.0-cp38-abi3-manylinux_2_17_x86_64.whl",
                "demo-1.0-cp311-cp311-manylinux_2_17_x86_64.whl",
            ),
            0,
            id="the stable ABI of an older Python, not its own ABI",
        ),
        pytest.param("linux-x86_64", ("demo-1.0-cp312-cp312-musllinux_1_2_x86_64.whl",), None, id="musl is not glibc"),
        pytest.param("linux-x86_64", ("demo-1.0-cp312-cp312-linux_x86_64.whl",), 0, id="a plain linux wheel"),
        pytest.param("linux-x86_64", ("demo-1.0-cp312-cp312t-manylinux_2_28_x86_64.whl",), None, id="free-threaded"),
        pytest.param("linux-x86_64", ("demo-1.0-1-cp312-cp312-manylinux_2_28_x86_64.whl",), 0, id="a build number"),
        pytest.param("linux-aarch64", ("demo-1.0-cp312-cp312-manylinux2014_aarch64.whl",), 0, id="a legacy tag"),
        pytest.param("linux-aarch64", ("demo-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",), None, id="another machine"),
        pytest.param(
            "win32-amd64",
            ("demo-1.0-cp312-cp312-win32.whl", "demo-1.0-cp312-cp312-win_amd64.whl"),
            1,
            id="64 bit",
        ),
        pytest.param("macos-arm64", ("demo-1.0-cp312-cp312-macosx_11_0_arm64.whl",), 0, id="an older macOS"),
        pytest.param("macos-arm64", ("demo-1.0-cp312-cp312-macosx_10_9_universal2.whl",), 0, id="universal2"),
        pytest.param("macos-arm64", ("demo-1.0-cp312-cp312-macosx_10_9_x86_64.whl",), None, id="an Intel wheel"),
    ],
)
def test_the_best_file(platform: str, names: tuple[str, ...], expected: int | str | None) -> None:
    found = best_artifact(package(*names), PLATFORMS[platform])
    assert (found and found.filename) == (names[expected] if isinstance(expected, int) else expected)
