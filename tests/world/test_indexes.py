"""What the indexes of the world carry, where they stand, and how they answer."""

from __future__ import annotations

import hashlib
import io
import json
import urllib.error
import urllib.request
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from packaging.requirements import Requirement

from tests.world import stubs, urls, wheels
from tests.world.server import answer, serve
from tests.world.wheel import archive
from variantfix.pytorch import catalog


def _files(index: str, name: str, version: str) -> list[str]:
    found = wheels.on_index(index, name)
    return [wheel.filename for wheel in found if wheel.version.partition("+")[0] == version]


@pytest.mark.parametrize(
    ("index", "name", "version", "expected"),
    [
        ("cpu", "xformers", "0.0.33.post2", []),
        ("xpu", "pytorch-triton-rocm", "3.5.1", []),
        ("cu118", "torch", "2.9.1", []),
        (
            "cpu",
            "torch",
            "2.9.1",
            [
                "torch-2.9.1+cpu-py3-none-manylinux_2_28_aarch64.whl",
                "torch-2.9.1+cpu-py3-none-manylinux_2_28_x86_64.whl",
                "torch-2.9.1-py3-none-macosx_11_0_arm64.whl",
                "torch-2.9.1+cpu-py3-none-win_amd64.whl",
            ],
        ),
        (
            "cpu",
            "torch",
            "2.5.1",
            [
                "torch-2.5.1-py3-none-manylinux_2_28_aarch64.whl",
                "torch-2.5.1+cpu-py3-none-manylinux_2_28_x86_64.whl",
                "torch-2.5.1-py3-none-macosx_11_0_arm64.whl",
                "torch-2.5.1+cpu-py3-none-win_amd64.whl",
            ],
        ),
        ("rocm6.4", "torchaudio", "2.9.1", ["torchaudio-2.9.1+rocm6.4-py3-none-manylinux_2_28_x86_64.whl"]),
        ("cpu", "requests", "0.5.0", ["requests-0.5.0-py3-none-manylinux_2_28_x86_64.whl"]),
        ("pypi", "requests", "0.5.0", []),
        ("pypi", "accelerate", "2.5.0", ["accelerate-2.5.0-py3-none-any.whl"]),
        ("cu128", "accelerate", "2.5.0", []),
    ],
    ids=[
        "no-xformers-for-cpu",
        "no-rocm-triton-on-xpu",
        "cu118-ended-before",
        "no-local-version-on-macos",
        "nor-on-aarch64-before-2.6",
        "rocm-is-linux-only",
        "mirrored-plain-package",
        "mirror-is-older-than-pypi",
        "dependent-on-pypi",
        "dependent-on-no-pytorch-index",
    ],
)
def test_on_index(index: str, name: str, version: str, expected: list[str]) -> None:
    assert _files(index, name, version) == expected


_X86 = "platform_system == 'Linux' and platform_machine == 'x86_64'"
_BASE = ["filelock", "fsspec", "jinja2", "networkx", "sympy", "typing-extensions"]


@pytest.mark.parametrize(
    ("index", "name", "version", "expected"),
    [
        ("cpu", "torch", "2.9.1", _BASE),
        (
            "pypi",
            "torch",
            "2.9.1",
            [
                *_BASE,
                f"nvidia-cublas-cu12 ; {_X86}",
                f"nvidia-cudnn-cu12 ; {_X86}",
                f"nvidia-nccl-cu12 ; {_X86}",
                f"triton==3.5.1 ; {_X86}",
            ],
        ),
        ("rocm6.4", "torch", "2.9.1", [*_BASE, f"pytorch-triton-rocm==3.5.1 ; {_X86}"]),
        ("rocm7.1", "torch", "2.10.0", [*_BASE, f"triton-rocm==3.6.0 ; {_X86}"]),
        ("cpu", "torchvision", "0.24.1", ["numpy", "pillow", "torch==2.9.1"]),
        ("cpu", "torchvision", "0.29.1", ["numpy", "pillow", "torch>=2.14.0"]),
        ("pypi", "torchaudio", "2.10.0", ["torch==2.10.0"]),
        ("pypi", "torchaudio", "2.11.0", []),
        ("cu128", "xformers", "0.0.33.post2", ["numpy", "torch==2.9.1"]),
        ("pypi", "peft", "2.5.0", ["accelerate", "torch"]),
        ("pypi", "numpy", "2.5.0", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_requirements(index: str, name: str, version: str, expected: list[str]) -> None:
    builds = [wheel for wheel in wheels.on_index(index, name) if wheel.version.partition("+")[0] == version]
    assert {wheel.requires for wheel in builds} == {tuple(expected)}


def test_newest_torch_needs_a_newer_python() -> None:
    pythons = {wheel.version: wheel.python for wheel in wheels.on_index("pypi", "torch")}
    assert (pythons["2.14.1"], pythons["2.15.0"]) == (">=3.10", ">=3.11")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (catalog.PYPI_SIMPLE, "/pypi/simple"),
        (f"{catalog.PYPI_SIMPLE}#cpu", "/pypi/simple#cpu"),
        (f"{catalog.PYPI_SIMPLE}/#cpu", "/pypi/simple/#cpu"),
        ("https://download.pytorch.org/whl/cpu", "/whl/cpu"),
        ("https://download.pytorch.org/whl/nightly/cu128/", "/whl/nightly/cu128/"),
        ("https://packages.example.com/simple/", "/corp/simple/"),
        (
            "https://example.org/wheels/cu118#a",
            "/at/example.org/wheels/cu118#a",
        ),
    ],
    ids=["pypi", "fragment", "slash-and-fragment", "pytorch", "nightly", "private", "mirror"],
)
def test_urls_go_to_the_world_and_back(url: str, expected: str) -> None:
    server = "http://127.0.0.1:1"
    base = urls.with_pins(server, (("a", "1.0+x"), ("b", "2")))

    assert urls.to_world(url, server) == f"{server}{expected}"
    assert urls.to_real(f'"{urls.to_world(url, base)}", {base}', server) == f'"{url}", {base}'


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/pypi/simple/torch/", urls.Address("pypi", "torch", "", ())),
        ("/whl/cu128/torch/", urls.Address("cu128", "torch", "", ())),
        ("/whl/nightly/cu128/torch/", urls.Address("nightly/cu128", "torch", "", ())),
        ("/whl/cpu/torch/torch-2.9.1%2Bcpu.whl", urls.Address("cpu", "torch", "torch-2.9.1+cpu.whl", ())),
        ("/corp/simple/numpy/", urls.Address("pypi", "numpy", "", ())),
        ("/at/example.org/wheels/rocm6.4/torch/", urls.Address("rocm6.4", "torch", "", ())),
        ("/with/a@1,b@2/pypi/simple/a/", urls.Address("pypi", "a", "", (("a", "1"),))),
        ("/whl/torch/", None),
        ("/", None),
    ],
)
def test_parse(path: str, expected: urls.Address | None) -> None:
    assert urls.parse(path) == expected


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        ([], ()),
        (["numpy", "numpy>=2", "Numpy<3"], ()),
        (["numpy==3.1.4"], (("numpy", "3.1.4"),)),
        (["numpy>3,<3.1"], (("numpy", "3.0.1"),)),
        (
            ["numpy>=4", "numpy<0.5"],
            (("numpy", "0.4.0"), ("numpy", "4"), ("numpy", "4.0.1"), ("numpy", "4.1.0")),
        ),
    ],
    ids=["nothing", "stock-will-do", "exact", "between", "either-of-two"],
)
def test_pins(requirements: list[str], expected: stubs.Pins) -> None:
    assert stubs.pins(map(Requirement, requirements)) == expected


def test_a_page_a_wheel_and_its_metadata() -> None:
    content, kind = answer("/whl/cpu/torch/", wants_json=True)
    page = json.loads(content or b"")
    (entry,) = (file for file in page["files"] if file["filename"].startswith("torch-2.9.1+cpu-py3-none-win"))
    wheel, _ = answer(f"/whl/cpu/torch/{entry['url']}", wants_json=True)
    metadata, _ = answer(f"/whl/cpu/torch/{entry['url']}.metadata", wants_json=True)

    assert kind == "application/vnd.pypi.simple.v1+json"
    assert wheel is not None
    assert (entry["hashes"]["sha256"], entry["size"]) == (hashlib.sha256(wheel).hexdigest(), len(wheel))
    with zipfile.ZipFile(io.BytesIO(wheel)) as bundle:
        assert bundle.read("torch-2.9.1+cpu.dist-info/METADATA") == metadata
        assert bundle.read("torch/__init__.py") == b"__version__ = '2.9.1+cpu'\n"


def test_the_html_page_has_the_same_files() -> None:
    content, kind = answer("/pypi/simple/accelerate/", wants_json=False)
    lines = (content or b"").decode().splitlines()

    assert kind == "text/html"
    assert [line.partition(">")[2].removesuffix("</a>") for line in lines[1:-1]] == [
        wheel.filename for wheel in wheels.on_index("pypi", "accelerate")
    ]


@pytest.mark.parametrize(
    "path", ["/", "/whl/torch/", "/whl/cpu/accelerate/", "/whl/cpu/torch/torch-0-py3-none-any.whl"]
)
@pytest.mark.parametrize("wants_json", [True, False], ids=["json", "html"])
def test_what_no_index_has(path: str, wants_json: bool) -> None:
    assert answer(path, wants_json=wants_json)[0] is None


def test_two_worlds_at_once_answer_alike_and_stop() -> None:
    with serve() as one, serve() as two:
        assert one != two
        pages = [f"{world.url}/whl/{tag}/torch/" for tag in ("cpu", "cu128") for world in (one, two)] * 8
        with ThreadPoolExecutor(16) as pool:
            contents = list(pool.map(_get, pages))
        assert contents == [contents[0], contents[0], contents[2], contents[2]] * 8
        with pytest.raises(urllib.error.HTTPError, match="404"):
            _get(f"{one.url}/whl/cpu/nothing/")
    for world in (one, two):
        with pytest.raises(urllib.error.URLError, match="refused"):
            _get(world.url)


def _get(url: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as response:
        content: bytes = response.read()
    return content


def test_a_wheel_is_the_same_each_time() -> None:
    (first, *_) = wheels.on_index("cpu", "torch")
    assert archive(first) == archive.__wrapped__(first)
