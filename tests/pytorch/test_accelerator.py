"""One reading for every way in which names, URLs and versions spell an accelerator."""

from __future__ import annotations

import pytest

from variantfix.pytorch import accelerator

NAMES = {
    "cpu": "cpu",
    "cpu-only": "cpu",
    "torch-cu128": "cu128",
    "cuda12.4": "cu124",
    "cuda-12-4": "cu124",
    "cu12-8": "cu128",
    "cuda12.9-ubi9": "cu129",
    "cu92": "cu92",
    "rocm64": "rocm6.4",
    "rocm-6-4-1": "rocm6.4.1",
    "rocm700": "rocm7.0",
    "rocm714": "rocm7.14",
    "intel-xpu": "xpu",
}
KINDS = {"cu12": "cuda", "cuda13": "cuda", "rocm": "rocm", "rocm7": "rocm", "gfx1151": "rocm", "jp6": "cuda"}
URLS = {
    "https://download.pytorch.org/whl/nightly/cu128": "cu128",
    "https://wheels.example.com/proj/pytorch-cu12-8/simple/": "cu128",
    "https://wheels.example.com/pytorch/cuda-12.8/simple": "cu128",
    "https://wheels.example.com/torch-rocm64/simple/": "rocm6.4",
    "https://download.pytorch.org/whl/cu130/torch-2.9.1%2Bcu130-cp312-cp312-manylinux_2_28_x86_64.whl": "cu130",
    "https://wheels.example.com/files/torch-2.9.0%2Bcu128-cp39-cp39-linux_x86_64.whl": "cu128",
    "https://repo.radeon.com/rocm/manylinux/rocm-rel-6.4.1/": "rocm6.4.1",
    "https://rocm.nightlies.amd.com/v2/gfx1151/": "gfx1151",
    "https://repo.amd.com/rocm/whl-multi-arch": "rocm",
    "https://pypi.jetson-ai-lab.io/jp6/cu126/+simple/": "cu126",
    "https://download.pytorch.org/whl/rocm": "rocm",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_tells_a_tag(name: str) -> None:
    found = accelerator.from_scope_name(name)
    assert found is not None
    assert (found.tag, found.is_exact) == (NAMES[name], True)
    assert accelerator.from_name(name) == found
    assert accelerator.tag_like(name) == found.tag


@pytest.mark.parametrize("name", KINDS)
def test_a_name_tells_a_kind_alone(name: str) -> None:
    found = accelerator.from_scope_name(name)
    assert found is not None
    assert (found.kind, found.is_exact, found.is_pytorchs) == (KINDS[name], False, False)
    assert accelerator.from_name(name) is None
    example = accelerator.from_tag(accelerator.tag_like(name))
    assert example is not None
    assert example.kind == found.kind


@pytest.mark.parametrize("name", ["torch", "image-cpu", "mace-cu12", "cpu-cu128", "gpu", "cuda", "train"])
def test_a_name_tells_nothing(name: str) -> None:
    assert accelerator.from_scope_name(name) is None


def test_what_follows_a_version_is_no_part_of_it() -> None:
    found = accelerator.from_scope_name("pytorch-cu12-2.8")
    assert found is not None
    assert found.tag == "cu12"


@pytest.mark.parametrize("url", URLS)
def test_a_url_tells_an_accelerator(url: str) -> None:
    found = accelerator.from_url(url)
    assert found is not None
    assert found.tag == URLS[url]


@pytest.mark.parametrize("wheel", ["torch.whl", ".whl", "torch-2.9.0.whl", "torch-.whl"])
def test_a_wheel_whose_name_is_cut_tells_none(wheel: str) -> None:
    assert accelerator.from_url(f"https://wheels.example.com/files/{wheel}") is None


@pytest.mark.parametrize("path", ["", "/preview/forge", "/torch_stable.html"])
def test_pytorchs_own_host_need_not_tell_one(path: str) -> None:
    url = f"https://download.pytorch.org/whl{path}"
    assert accelerator.from_url(url) is None
    assert accelerator.is_pytorchs("pt", url)


@pytest.mark.parametrize(
    ("specifier", "tag", "vendor"),
    [
        ("==2.6.0+cu124", "cu124", ""),
        ("==2.7.0.dev20250212+rocm6.3", "rocm6.3", ""),
        ("==2.6.0+rocm6.4.1.git1ded221d", "rocm6.4.1", "AMD"),
        ("==2.8.0+rocm7.0.0.git64359f59", "rocm7.0", "AMD"),
    ],
)
def test_a_local_version_tells_one(specifier: str, tag: str, vendor: str) -> None:
    found = accelerator.from_local_version(specifier)
    assert found is not None
    assert (found.tag, found.vendor) == (tag, vendor)


@pytest.mark.parametrize("specifier", [">=2.6", "==0.24.1+d801a34", "==1.0+cu121.pt", "==0.24.1+rocmsdk20260116"])
def test_another_local_version_tells_nothing(specifier: str) -> None:
    assert accelerator.from_local_version(specifier) is None


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("rocm6.4", "rocm6.4.1", True),
        ("cu12", "cu128", True),
        ("cu13", "cu128", False),
        ("gfx1151", "rocm6.4", True),
        ("rocm7", "rocm6.4", False),
        ("cu126", "cu128", False),
        ("cpu", "cu128", False),
    ],
)
def test_a_shorter_word_agrees_with_a_longer_one(one: str, other: str, *, agree: bool) -> None:
    first, second = accelerator.from_scope_name(one), accelerator.from_scope_name(other)
    assert first is not None
    assert second is not None
    assert first.agrees(second) is agree
    assert second.agrees(first) is agree


def test_a_jetson_is_linux_on_arm() -> None:
    found = accelerator.from_url("https://pypi.jetson-ai-lab.io/jp6/cu126")
    assert found is not None
    assert found.marker == "sys_platform == 'linux' and platform_machine == 'aarch64'"
    assert not found.is_pytorchs
