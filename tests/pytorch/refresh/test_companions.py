"""What goes with torch: pins, days and lists in, tables out; what nothing tells of stays as it is."""

from __future__ import annotations

import json

import pytest

from variantfix.online.simple import File, Metadata
from variantfix.pytorch import tables
from variantfix.pytorch.refresh import beside, companions
from variantfix.pytorch.refresh.beside import Place
from variantfix.pytorch.refresh.builds import Tables
from variantfix.pytorch.refresh.companions import PYPI, Beside, Own
from variantfix.pytorch.refresh.diff import differences

X86, ARM = "linux-x86_64", "linux-aarch64"


def fresh() -> Tables:
    indexes, releases = (json.loads(json.dumps(tables.read(name))) for name in ("indexes.json", "releases.json"))
    return Tables(indexes, releases)


def changes(found: Beside, old: Tables | None = None) -> list[str]:
    old = old or fresh()
    new = companions.refreshed(old, found)
    return [*differences(old.indexes, new.indexes), *differences(old.releases, new.releases)]


def torch(version: str, *requires: str) -> Metadata:
    return Metadata("torch", version, requires, ())


def own(metadata: Metadata, platform: str = X86, origin: str = PYPI) -> Beside:
    return Beside(own=(Own(origin, platform, metadata),))


def test_nothing_found_is_nothing_changed() -> None:
    assert changes(Beside()) == []


@pytest.mark.parametrize(
    ("requires", "platform", "expected"),
    [
        pytest.param(
            ("cuda-toolkit[cublas,cudart]==13.0.3 ; platform_system == 'Linux'",),
            X86,
            ['~ releases: 2.15: pypi: "cu132" -> "cu130"'],
            id="a-toolkit",
        ),
        pytest.param(
            ("nvidia-cublas-cu12==99.1", "nvidia-cuda-runtime-cu12==13.0.90; platform_machine == 'aarch64'"),
            ARM,
            ['~ releases: 2.15: pypi_aarch64: "cu132" -> "cu130"'],
            id="a-runtime-on-arm",
        ),
        pytest.param(("nvidia-cuda-runtime==13.2.1",), X86, [], id="as-it-is-known"),
        pytest.param(("filelock",), ARM, ['~ releases: 2.15: pypi_aarch64: "cu132" -> "cpu"'], id="no-cuda"),
        pytest.param(("nvidia-cublas==13.1.0",), X86, [], id="a-library-that-tells-no-version-of-cuda"),
        pytest.param(("cuda-toolkit>=13",), X86, [], id="no-pin"),
        pytest.param(("cuda-toolkit==19.0",), X86, [], id="a-tag-that-the-release-has-not"),
        pytest.param(("cuda-toolkit==13.0 ; sys_platform == 'win32'", "!"), X86,
                     ['~ releases: 2.15: pypi: "cu132" -> "cpu"'], id="for-another-system"),
    ],
)  # fmt: skip
def test_torch_tells_which_cuda_the_build_of_pypi_is_for(
    requires: tuple[str, ...], platform: str, expected: list[str]
) -> None:
    assert changes(own(torch("2.15.0", *requires), platform)) == expected


def test_torch_on_another_index_tells_nothing_of_pypis() -> None:
    assert changes(own(torch("2.15.0+rocm7.2", "cuda-toolkit==13.0"), origin="rocm7.2")) == []


def test_torch_pins_its_triton_and_ends_the_doubt() -> None:
    needs = torch("2.15.0+rocm7.2", "Triton_ROCm==3.9.0 ; platform_system == 'Linux'", "triton-xpu>=3")
    assert changes(own(needs, origin="rocm7.2")) == [
        '~ releases: 2.15: uncertain: ["triton-rocm", "triton-xpu"] -> ["triton-xpu"]',
        '+ releases: 2.15: companions: triton-rocm: 2.15.0: ["3.9.0"]',
    ]


def test_the_last_doubt_leaves_no_empty_list() -> None:
    needs = torch("2.14.0+xpu", "triton-xpu==3.8.0")
    assert '- releases: 2.14: uncertain: ["triton-xpu"]' in changes(own(needs, origin="xpu"))


@pytest.mark.parametrize("version", ["9.9.0", "2.15.7"])
def test_a_torch_that_is_not_listed_tells_nothing(version: str) -> None:
    assert changes(own(torch(version, "triton==9.0"))) == []


def test_a_lower_bound_of_what_keeps_to_the_stable_abi_means_all_from_there_on() -> None:
    found = Beside((Metadata("xformers", "0.0.36", ("torch>=2.14.1", "!", "numpy", "torch ; extra == 'x'"), ()),))
    assert changes(found) == [
        '~ releases: 2.14: companions: xformers: 2.14.1: ["0.0.35"] -> ["0.0.35", "0.0.36"]',
        '~ releases: 2.15: companions: xformers: 2.15.0: ["0.0.35"] -> ["0.0.35", "0.0.36"]',
    ]


def test_a_new_series_goes_with_the_release_before_it_in_doubt() -> None:
    found = Beside(
        listed={("torchcodec", PYPI): {"0.18.0": "2026-11-20", "0.18.1": "2026-11-29", "0.9.1": "2026-11-30"}}
    )
    said = changes(found)
    assert '~ family: torchcodec: seen: "0.17.0" -> "0.18.1"' in said
    assert any(line.startswith("+ sources: listed: ") for line in said)
    assert {line for line in said if "releases" in line} == {
        '~ releases: 2.15: uncertain: ["triton-rocm", "triton-xpu"] -> ["torchcodec", "triton-rocm", "triton-xpu"]',
        '~ releases: 2.15: companions: torchcodec: 2.15.0: ["0.17"] -> ["0.17", "0.18"]',
    }


def test_a_series_without_a_day_goes_with_no_release() -> None:
    found = Beside(listed={("torchcodec", PYPI): {"0.18.0": ""}})
    assert [line for line in changes(found) if "releases" in line] == []


def test_the_tags_of_a_version_are_those_whose_index_lists_it_and_none_gets_lost() -> None:
    found = Beside(listed={("xformers", tag): {"0.0.35": "", "0.0.36": ""} for tag in ("cu126", "cu132")})
    old = fresh()
    before, after = (each.indexes["family"]["xformers"]["tags"] for each in (old, companions.refreshed(old, found)))
    assert after["0.0.36"] == ["cu126", "cu132"]
    assert set(after["0.0.35"]) == {*before["0.0.35"], "cu132"}
    assert {version: tags for version, tags in after.items() if version in before} | {
        "0.0.35": before["0.0.35"]
    } == before


def test_what_is_listed_already_changes_nothing() -> None:
    assert changes(Beside(listed={("triton", PYPI): {"3.9.0": ""}, ("torchao", PYPI): {"0.1.0": ""}})) == []


# What is asked


def file(name: str, metadata: str = "there") -> File:
    return File(name, metadata, "2026-11-01")


def wheel(version: str, platform: str = "manylinux_2_28_x86_64", name: str = "torch") -> File:
    return file(f"{name}-{version}-cp312-cp312-{platform}.whl")


def test_of_torch_the_newest_and_what_is_in_doubt_is_asked() -> None:
    listed = (wheel("2.9.1"), wheel("2.14.1"), wheel("2.14.0"), wheel("2.15.0"), wheel("2.15.0", "win_amd64"),
              wheel("2.15.0", "manylinux_2_28_aarch64"), wheel("1.9.0"), wheel("2.16.0rc1"))  # fmt: skip
    rocm = (wheel("2.15.0+rocm7.2"), wheel("2.15.0+cpu"), wheel("2.9.1+rocm7.2"))
    pages = {Place("torch", PYPI): listed, Place("torch", "rocm7.2"): rocm, Place("torch", "cu130"): (wheel("2.15.0"),)}
    asked = beside.questions(tables.read("releases.json"), pages)
    assert asked == {
        wheel("2.14.1"): (PYPI, X86),
        wheel("2.15.0"): (PYPI, X86),
        wheel("2.15.0", "manylinux_2_28_aarch64"): (PYPI, ARM),
        wheel("2.15.0+rocm7.2"): ("rocm7.2", X86),
    }


def test_of_companions_what_no_release_has_is_asked() -> None:
    known, new, bare = (wheel(v, name="torchvision") for v in ("0.24.0", "0.31.0", "0.32.0"))
    pages = {Place("torchvision", PYPI): (known, new, bare._replace(metadata=""))}
    assert beside.questions(tables.read("releases.json"), pages) == {new: (PYPI, "")}


def test_what_was_told_is_parted() -> None:
    pages = {Place("triton", PYPI): (wheel("3.9.0", name="triton"), wheel("4.0.0rc1", name="triton"))}
    vision, main = Metadata("torchvision", "0.31.0", (), ()), torch("2.15.0")
    asked: dict[File, tuple[str, str]] = {wheel("0.31.0"): (PYPI, ""), wheel("2.15.0"): (PYPI, X86)}
    assert beside.found(asked, {wheel("0.31.0"): vision, wheel("2.15.0"): main}, pages) == Beside(
        (vision,), (Own(PYPI, X86, main),), {Place("triton", PYPI): {"3.9.0": "2026-11-01"}}
    )


def test_a_place_is_shown_by_what_is_particular_to_it() -> None:
    assert [str(Place("torch", "cu130")), str(Place("xformers", "cu130"))] == ["cu130", "xformers on cu130"]
