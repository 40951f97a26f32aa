"""Pages and metadata in, tables out: what is listed is seen, and nothing that is known gets lost."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from variantfix.online.ask import newest
from variantfix.online.simple import File, Metadata
from variantfix.pytorch import tables
from variantfix.pytorch.refresh import builds, companions, dependents, wheels
from variantfix.pytorch.refresh.companions import Beside
from variantfix.pytorch.refresh.diff import differences
from variantfix.pytorch.refresh.wheels import Wheel

TODAY = "2026-12-01"


def fresh(name: str) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(tables.read(name)))
    return copy


def changes(pages: dict[str, list[Wheel]], days: str = TODAY) -> list[str]:
    old = builds.Tables(fresh("indexes.json"), fresh("releases.json"))
    new = builds.refreshed(old, {tag: tuple(found) for tag, found in pages.items()}, days)
    return [*differences(old.indexes, new.indexes), *differences(old.releases, new.releases)]


def wheel(version: str, local: str, platform: str = "linux-x86_64", python: str = "3.12", day: str = "") -> Wheel:
    return Wheel(version, local, python, platform, day)


def whole(tag: str) -> list[Wheel]:
    """The wheels that the table says the tag's index lists, for each release and platform."""
    return [
        wheel(row["patches"][0], tag, platform, row["pythons"][0])
        for row in tables.read("releases.json")["releases"].values()
        for platform in row["tags"].get(tag, ())
    ]


def test_nothing_fetched_is_nothing_changed() -> None:
    assert changes({}) == []


def test_a_page_that_says_what_is_known_changes_nothing() -> None:
    assert changes({"cu124": whole("cu124")}) == []


def test_an_announced_build_that_is_listed_is_seen() -> None:
    assert changes({"cu132": whole("cu132")}) == [
        '~ accelerators: cu132: seen: "2.14" -> "2.15"',
        '- releases: 2.12: certainty: cu132: "announced"',
        '- releases: 2.14: certainty: cu132/linux-aarch64: "announced"',
        '- releases: 2.15: certainty: cu132: "announced"',
    ]


def test_a_build_that_was_only_expected_and_is_not_listed_was_never_there() -> None:
    old = [each for each in whole("cu130") if each.minor != "2.15"]
    said = changes({"cu130": old, "cpu": whole("cpu")})
    assert '- releases: 2.15: tags: cu130: ["linux-aarch64", "linux-x86_64", "win-amd64"]' in said
    assert '~ accelerators: cu130: last: "2.15" -> "2.14"' in said


def test_a_seen_build_that_is_no_longer_listed_is_gone_and_stays_known() -> None:
    left = [each for each in whole("cu124") if each.minor != "2.4"]
    assert changes({"cu124": left, "cu118": whole("cu118")})[-1] == f'+ releases: 2.4: gone: cu124: "{TODAY}"'
    assert "- releases: 2.4: tags: cu124" not in "".join(changes({"cu124": left, "cu118": whole("cu118")}))


def test_an_empty_page_takes_nothing_away() -> None:
    said = changes({"cu124": [], "cu118": whole("cu118")})
    assert [line for line in said if "cu124" in line and "gone" not in line] == []


def test_a_doubtful_absence_is_settled() -> None:
    said = changes({"cu129": whole("cu129"), "cpu": whole("cpu")})
    assert '- releases: 2.14: certainty: cu129: "inferred"' in said
    assert '- releases: 2.13: certainty: cu129/linux-aarch64: "announced"' in said


def test_a_platform_that_is_not_listed_keeps_its_doubt() -> None:
    some = [each for each in whole("cu132") if each.platform != "win-amd64"]
    assert '+ releases: 2.15: certainty: cu132/win-amd64: "announced"' in changes({"cu132": some})


def test_a_new_release_with_a_new_tag() -> None:
    listed = [wheel("2.16.0", "cu140", "linux-x86_64", python, "2026-12-09") for python in ("3.12", "3.13t")]
    said = changes({"cu140": listed})
    assert '+ accelerators: cu140: version: "14.0"' in said
    assert '+ accelerators: cu140: first: "2.16"' in said
    assert '+ accelerators: cu140: seen: "2.16"' in said
    assert '+ releases: 2.16: released: "2026-12"' in said
    assert '+ releases: 2.16: pythons: ["3.12"]' in said
    assert '+ releases: 2.16: free_threaded: ["3.13t"]' in said
    assert '+ releases: 2.16: tags: cu140: ["linux-x86_64"]' in said
    assert any(line.startswith("+ sources: index: ") for line in said)


def test_a_trap_says_what_it_holds() -> None:
    old = [wheel("2.0.0", "", "linux-aarch64"), wheel("2.0.1", "", "linux-aarch64")]
    assert changes({"cu134": old}) == ['~ accelerators: cu134: trap: ["2.0.0"] -> ["2.0.1"]']


def test_a_trap_that_is_filled_is_none_anymore() -> None:
    said = changes({"cu134": [wheel("2.15.0", "cu134")]})
    assert '- accelerators: cu134: trap: ["2.0.0"]' in said
    assert '~ accelerators: cu134: first: null -> "2.15"' in said


def test_a_companion_stands_beside_the_torch_that_it_pins() -> None:
    old = builds.Tables(fresh("indexes.json"), fresh("releases.json"))
    pinned = Metadata("torchvision", "0.30.0", ("numpy", "torch (==2.15.0)"), ())
    loose = Metadata("torchvision", "0.31.0", ("torch>=2.14.0",), ())
    unknown = Metadata("torchvision", "0.32.0", ("torch==9.0.0",), ())
    new = companions.refreshed(old, Beside((pinned, loose, unknown)))
    assert differences(old.releases, new.releases) == [
        '~ releases: 2.15: companions: torchvision: 2.15.0: ["0.29.2"] -> ["0.29.2", "0.30.0"]'
    ]
    assert companions.unpaired(new.releases, "torchvision", ("0.30.0", "0.31.0", "0.29.2")) == ["0.31.0"]


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("torch-2.9.1+cu128-cp313-cp313t-manylinux_2_28_x86_64.whl", ("2.9.1", "cu128", "3.13t", "linux-x86_64")),
        ("torch-2.9.1-cp310-none-macosx_11_0_arm64.whl", ("2.9.1", "", "3.10", "macos-arm64")),
        ("torch-2.9.1+cpu-cp310-cp310-win_amd64.whl", ("2.9.1", "cpu", "3.10", "win-amd64")),
        ("torch-2.9.1+cpu-py3-none-any.whl", ("2.9.1", "cpu", "", "")),
        ("torch-2.9.1rc1+cpu-py3-none-any.whl", None),
        ("torch.whl", None),
    ],
)
def test_what_a_file_name_tells(filename: str, expected: tuple[str, str, str, str] | None) -> None:
    assert wheels.read([File(filename, "", "")]) == ((Wheel(*expected, ""),) if expected else ())


def test_the_newest_wheel_is_final_and_has_metadata() -> None:
    names = ("x-1.0-py3-none-any.whl", "x-2.0-py3-none-any.whl", "x-3.0rc1-py3-none-any.whl")
    files = [File(name, "" if name.startswith("x-2") else f"{name}.metadata", "") for name in names]
    assert newest(files) == files[0]
    assert newest(files[2:]) == files[2]
    assert newest(files, ">1") is None
    assert newest(files[1:2]) is None


# Dependents

TABLE: dict[str, Any] = {
    "version": 1,
    "sources": {"knowledge": "general knowledge"},
    "packages": {
        "old": {"requires": ["torch"], "seen": "1.0", "note": "in doubt", "sources": ["knowledge"]},
        "steady": {"requires": ["torch"], "always": ["torch"], "seen": "1.0", "sources": ["knowledge"]},
        "optional": {"extras": {"gpu": ["torch"]}, "seen": "1.0", "sources": ["knowledge"]},
    },
    "undeclared": {"shy": {"why": "declares nothing", "sources": ["knowledge"]}},
}


def told(name: str, version: str, *requires: str, extras: tuple[str, ...] = ()) -> dict[str, Metadata]:
    return {name: Metadata(name, version, requires, extras)}


def after(*found: dict[str, Metadata]) -> dict[str, Any]:
    merged = {name: metadata for each in found for name, metadata in each.items()}
    rows: dict[str, Any] = dependents.refreshed(TABLE, ("torch", "triton"), merged)
    return rows


def test_no_metadata_is_no_change() -> None:
    assert after() == TABLE


def test_a_newer_version_keeps_what_the_older_one_required() -> None:
    assert after(told("old", "2.0", "numpy"))["packages"]["old"] == {
        "at": {"1.0": ["torch"]},
        "older": ["torch"],
        "seen": "2.0",
        "sources": ["knowledge", "registry"],
    }


def test_an_older_version_says_nothing() -> None:
    assert after(told("old", "0.9", "numpy")) == TABLE


def test_markers_and_extras_are_read() -> None:
    requires = (
        'torch>=2 ; sys_platform == "linux"',
        'triton ; extra == "fast" and sys_platform == "linux"',
        'torch ; extra == "All_Of"',
        'optional[GPU] ; extra == "all-of"',
        "optional",
        "not a requirement !",
    )
    row = after(told("steady", "1.1", *requires, extras=("fast", "All_Of", "docs")))["packages"]["steady"]
    assert row["requires"] == ["torch ; sys_platform == 'linux'"]
    assert row["extras"] == {"all-of": ["optional[gpu]", "torch"], "fast": ["triton ; sys_platform == 'linux'"]}
    assert row["always"] == ["torch"]


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        pytest.param("extra == 'fast'", "triton", id="an-extra-alone"),
        pytest.param("a and extra == 'fast'", "triton ; a", id="one-condition"),
        pytest.param("(a or b) and extra == 'fast'", "triton ; a or b", id="one-of-two"),
        pytest.param("(a or b) and c and extra == 'fast'", "triton ; (a or b) and c", id="several"),
        pytest.param("(a and extra == 'fast') or (b and extra == 'fast')", "triton", id="the-extra-twice"),
        pytest.param("a and (extra == 'fast' or extra == 'all')", "triton ; a", id="one-of-two-extras"),
    ],
)
def test_the_condition_beside_an_extra(marker: str, expected: str) -> None:
    for letter, name in zip("abc", ("linux", "darwin", "win32"), strict=True):
        marker = re.sub(rf"\b{letter}\b", f"sys_platform != '{name}'", marker)
        expected = re.sub(rf"\b{letter}\b", f"sys_platform != '{name}'", expected)
    row = after(told("steady", "1.1", f"triton ; {marker}", extras=("fast",)))["packages"]["steady"]
    assert row["extras"] == {"fast": [expected]}


def test_a_requirement_that_stands_twice_holds_where_one_of_them_does() -> None:
    twice = ("torch==2.6 ; sys_platform == 'linux'", "torch>=2 ; sys_platform == 'darwin'")
    assert after(told("steady", "1.1", *twice))["packages"]["steady"]["requires"] == [
        "torch ; sys_platform == 'linux' or sys_platform == 'darwin'"
    ]
    assert after(told("steady", "1.1", *twice, "torch"))["packages"]["steady"]["requires"] == ["torch"]


def test_new_packages_are_taken_in_where_they_bring_torch() -> None:
    found = after(
        told("direct", "1", "torch"),
        told("through", "1", "direct"),
        told("by-extra", "1", "optional[gpu]"),
        told("without", "1", "optional", "numpy"),
    )["packages"]
    assert found["through"] == {"requires": ["direct"], "seen": "1", "sources": ["registry"]}
    assert found["by-extra"]["requires"] == ["optional[gpu]"]
    assert "without" not in found


def test_what_declares_torch_by_now_is_not_called_undeclared() -> None:
    assert after(told("shy", "2", "torch"))["undeclared"] == {}
