"""The catalogue: its files hold together, and its answers agree with facts that are known."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import InvalidSpecifier
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from variantfix.pytorch import catalog, edges, tables
from variantfix.pytorch.facts import Answer, Edge

DATA = Path(catalog.__file__).with_name("data")
FILES = ("dependents.json", "drivers.json", "history.json", "indexes.json", "plain.json", "releases.json", "uv.json")
KINDS = {"cpu", "cuda", "rocm", "xpu"}
PLATFORMS = {
    "linux-aarch64",
    "linux-s390x",
    "linux-x86_64",
    "macos-arm64",
    "macos-x86_64",
    "win-amd64",
    "win-arm64",
}
TAG = re.compile(r"cpu|xpu|cu\d{2,3}|rocm\d+(\.\d+){1,2}")
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
EXTRA = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
EVIDENCE = re.compile(r"knowledge|registry|history|(lock|own):[\w.-]+/[\w.-]+(@[0-9a-f]{8})?")


def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((DATA / name).read_text("utf-8"))
    return content


def entries(name: str) -> dict[str, dict[str, Any]]:
    """Every entry of a file that has to name its sources, by table and key."""
    tables = {key: table for key, table in load(name).items() if key not in ("version", "sources")}
    flat = {key: table for key, table in tables.items() if isinstance(table.get("sources"), list)}
    nested = {f"{key}/{row}": entry for key, t in tables.items() if key not in flat for row, entry in t.items()}
    return flat | nested


def minor(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def all_edges() -> list[tuple[str, Edge]]:
    members, others = catalog.family().values(), catalog.dependents().values()
    own = [(m.name, edge) for m in members for edge in (*m.requires, *m.older)]
    plain = [(d.name, edge) for d in others for edge in (*d.requires, *d.older, *d.always)]
    plain += [(d.name, edge) for d in others for row in d.at.values() for edge in row]
    return own + plain + [(d.name, e) for d in others for edges in d.extras.values() for e in edges]


# The files


def test_the_data_folder_holds_these_files_and_no_others() -> None:
    assert sorted(path.name for path in DATA.iterdir()) == ["README.md", *FILES]


def test_the_files_are_small_together() -> None:
    assert sum((DATA / name).stat().st_size for name in FILES) < 300_000


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_versioned_and_every_entry_has_sources_that_resolve(name: str) -> None:
    content = load(name)
    assert content["version"] == 1
    rows = entries(name)
    used = {key: [source.partition(":")[0] for source in entry["sources"]] for key, entry in rows.items()}
    assert {key for key, sources in used.items() if not sources} == set()
    assert {source for sources in used.values() for source in sources} == set(content["sources"])


def test_the_evidence_of_a_dependent_is_a_repository_and_a_commit() -> None:
    cited = {source for entry in entries("dependents.json").values() for source in entry["sources"]}
    assert {source for source in cited if not EVIDENCE.fullmatch(source)} == set()


@pytest.mark.parametrize("name", FILES)
def test_no_file_names_the_host_of_a_package_registry(name: str) -> None:
    host = catalog.PYPI_SIMPLE.split("/")[2]
    text = (DATA / name).read_text("utf-8")
    assert [word for word in (host, "hosted.org", "http://", "https://") if word in text] == []


def test_the_registry_is_composed_where_its_host_is_spelt_nowhere() -> None:
    host = "".join(("py", "pi", ".", "org"))
    assert f"https://{host}/simple" == catalog.PYPI_SIMPLE
    assert host not in Path(catalog.__file__).read_text("utf-8")


def test_a_file_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "indexes.json").write_text('{"version": 2}', "utf-8")
    monkeypatch.setattr(tables, "__file__", str(tmp_path / "tables.py"))
    with pytest.raises(AssertionError, match=r"^indexes\.json has version 2, not 1$"):
        tables.read.__wrapped__("indexes.json")


def test_importing_reads_no_file_and_no_version_parser() -> None:
    script = """
import sys
from pathlib import Path
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
import variantfix.pytorch.catalog as catalog
print([name for name in opened if name.endswith(".json")], "packaging" in sys.modules)
catalog.builds()
catalog.family()
print([Path(name).name for name in opened if name.endswith(".json")])
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["[] False", "['indexes.json']"]


# The tables


def test_family_and_dependents_are_apart_and_named_canonically() -> None:
    members, others = set(catalog.family()), set(catalog.dependents())
    names = members | others | set(catalog.undeclared())
    assert members & others == set()
    assert {name for name in names if name != canonicalize_name(name)} == set()


def test_the_family_is_what_uv_sends_to_a_pytorch_index_and_what_torch_for_rocm_needs_there() -> None:
    assert tuple(catalog.family()) == (
        "torch",
        "fbgemm-gpu",
        "fbgemm-gpu-genai",
        "pytorch-triton",
        "pytorch-triton-rocm",
        "pytorch-triton-xpu",
        "rocm",
        "rocm-sdk-core",
        "rocm-sdk-devel",
        "rocm-sdk-libraries",
        "torch-tensorrt",
        "torchao",
        "torcharrow",
        "torchaudio",
        "torchcodec",
        "torchcsprng",
        "torchdistx",
        "torchrec",
        "torchserve",
        "torchtext",
        "torchtune",
        "torchvision",
        "triton",
        "triton-rocm",
        "triton-xpu",
        "xformers",
    )


def test_kinds_tags_platforms_and_months_are_of_the_known_vocabularies() -> None:
    builds, releases = catalog.builds(), catalog.releases()
    members = catalog.family().values()
    assert {build.kind for build in builds.values()} == KINDS
    assert {kind for member in members for kind in member.kinds} <= KINDS
    assert {tag for tag in builds if not TAG.fullmatch(tag)} == set()
    used = {tag for member in members for tags in member.tags.values() for tag in tags}
    used |= {tag for release in releases for tag in (*release.tags, release.pypi, release.pypi_aarch64)}
    assert used - set(builds) == set()
    named = {platform for build in builds.values() for platform in build.platforms}
    assert named == {p for release in releases for platforms in release.tags.values() for p in platforms}
    assert named == PLATFORMS
    assert [release.released for release in releases if not MONTH.fullmatch(release.released)] == []


def test_releases_patches_and_builds_ascend_by_version() -> None:
    releases = catalog.releases()
    minors = [minor(release.minor) for release in releases]
    assert minors == sorted(set(minors))
    months = [release.released for release in releases]
    assert months == sorted(months)
    for release in releases:
        assert list(release.patches) == sorted(release.patches, key=Version)
        assert {Version(patch).release[:2] for patch in release.patches} == {minor(release.minor)}
    for kind in ("cuda", "rocm"):
        numbers = [Version(build.version or "") for build in catalog.builds().values() if build.kind == kind]
        assert numbers == sorted(set(numbers))


def test_a_build_spans_the_releases_that_have_its_tag() -> None:
    oldest = catalog.releases()[0].minor
    for build in catalog.builds().values():
        having = [release.minor for release in catalog.releases() if build.tag in release.tags]
        if build.last is None or minor(build.last) < minor(oldest):
            assert having == [], build.tag
        else:
            is_older = build.first is None or minor(build.first) < minor(oldest)
            assert (having[0], having[-1]) == (oldest if is_older else build.first, build.last), build.tag


def test_a_platform_of_a_build_spans_the_releases_that_have_it() -> None:
    spans = {(b.tag, name): span for b in catalog.builds().values() for name, span in b.platforms.items()}
    having: dict[tuple[str, str], list[str]] = {}
    for release in catalog.releases():
        for tag, platforms in release.tags.items():
            for platform in platforms:
                having.setdefault((tag, platform), []).append(release.minor)
    assert spans == {key: (minors[0], minors[-1]) for key, minors in having.items()}


def test_companions_belong_to_the_patches_of_their_release() -> None:
    for release in catalog.releases():
        for package, paired in release.companions.items():
            assert set(paired) <= set(release.patches), (release.minor, package)


@pytest.mark.parametrize("package", ["torch", "torchvision", "torchaudio", "torchcodec", "torchtext", "xformers"])
def test_versions_ascend_and_an_index_has_no_more_than_all(package: str) -> None:
    everything = catalog.versions(package, "pypi")
    assert list(everything) == sorted(everything, key=Version)
    for tag in catalog.builds():
        found = catalog.versions(package, tag)
        assert list(found) == [version for version in everything if version in found], tag


def test_the_versions_on_every_index_together_are_all_versions() -> None:
    for package in ("torch", "torchvision", "torchaudio"):
        found = itertools.chain.from_iterable(catalog.versions(package, tag) for tag in catalog.builds())
        assert set(found) == set(catalog.versions(package, "pypi"))


# The edges


def test_edges_lead_to_family_packages_and_dependents_only() -> None:
    known = set(catalog.family()) | set(catalog.dependents())
    assert [(name, edge) for name, edge in all_edges() if edge.name not in known] == []


def test_edges_ask_for_extras_that_the_catalogue_knows() -> None:
    others = catalog.dependents()
    asked = [(name, edge.name, extra) for name, edge in all_edges() for extra in edge.extras]
    assert [(n, target, extra) for n, target, extra in asked if extra not in others[target].extras] == []
    extras = {extra for dependent in others.values() for extra in dependent.extras}
    assert {extra for extra in extras if not EXTRA.fullmatch(extra)} == set()


def test_every_dependent_has_an_edge_and_no_older_one_that_is_also_new() -> None:
    for dependent in catalog.dependents().values():
        assert dependent.requires or dependent.extras or dependent.older or dependent.at, dependent.name
        assert {e.name for e in dependent.always} <= {e.name for e in dependent.requires}, dependent.name
        assert list(dependent.at) == sorted(dependent.at, key=Version), dependent.name
        assert dependent.seen not in dependent.at, dependent.name
        assert set(dependent.older) & set(dependent.requires) == set(), dependent.name
        assert dependent.last_requiring is None or dependent.older, dependent.name


def test_every_dependent_brings_a_family_package_in_the_end() -> None:
    others, reached = catalog.dependents(), set(catalog.family())
    while True:
        more = {
            name
            for name, d in others.items()
            for edges in (d.requires, d.older, *d.extras.values())
            if name not in reached and any(edge.name in reached for edge in edges)
        }
        if not more:
            break
        reached |= more
    assert set(others) - reached == set()


def test_what_brings_no_torch_is_told_apart() -> None:
    known = set(catalog.family()) | set(catalog.dependents()) | set(catalog.undeclared())
    assert tables.plain() & known == set()
    assert {"numpy", "requests"} <= tables.plain()


def test_a_package_that_declares_torch_is_not_called_undeclared() -> None:
    declaring = {name for name, d in catalog.dependents().items() if Edge("torch") in d.requires}
    assert set(catalog.undeclared()) & declaring == set()


DIRECT = {
    "accelerate": (("torch",), False),
    "bitsandbytes": (("torch",), False),
    "easyocr": (("torch", "torchvision"), False),
    "kornia": (("torch",), False),
    "lightning": (("pytorch-lightning", "torch", "torchmetrics"), False),
    "open-clip-torch": (("timm", "torch", "torchvision"), False),
    "peft": (("accelerate", "torch"), False),
    "segmentation-models-pytorch": (("timm", "torch", "torchvision"), False),
    "sentence-transformers": (("torch",), False),
    "timm": (("torch", "torchvision"), False),
    "torchdata": (("torch",), False),
    "torchmetrics": (("torch",), False),
    "transformers": ((), False),
    "ultralytics": (("torch", "torchvision", "ultralytics-thop"), False),
    "flash-attn": (("torch",), True),
}


@pytest.mark.parametrize("name", DIRECT)
def test_direct_edges_of_well_known_packages(name: str) -> None:
    dependent = catalog.dependents()[name]
    assert (tuple(edge.name for edge in dependent.requires), dependent.compiled) == DIRECT[name]


def test_edges_that_stand_only_under_an_extra() -> None:
    others = catalog.dependents()
    torch, accelerate = Edge("torch"), Edge("accelerate")
    assert others["transformers"].extras["torch"] == (accelerate, torch)
    assert others["diffusers"].extras["torch"] == (accelerate, torch)
    assert (others["datasets"].requires, others["datasets"].extras["torch"]) == ((), (torch,))
    assert others["gluonts"].extras["torch"] == (Edge("lightning"), Edge("pytorch-lightning"), torch)
    assert others["skrl"].extras == {"all": (torch,), "torch": (torch,)}


def test_an_edge_keeps_the_extras_that_it_asks_for() -> None:
    assert catalog.dependents()["docling"].requires == (Edge("docling-slim", ("standard",)),)


def test_edges_of_older_versions_are_kept_apart() -> None:
    others = catalog.dependents()
    assert others["sentence-transformers"].older == (Edge("torchvision"),)
    assert (others["outlines"].older, others["outlines"].last_requiring) == ((Edge("torch"),), "0.1.14")
    audio = catalog.family()["torchaudio"]
    assert (audio.requires, audio.older, audio.last) == ((), (Edge("torch"),), "2.11.0")


VLLM_0_10 = ("torch", "torchaudio", "torchvision", "triton", "xformers")


@pytest.mark.parametrize(
    ("package", "extra", "specifier", "names", "certainty"),
    [
        pytest.param("accelerate", "", "", ("torch",), "seen", id="no-bound"),
        pytest.param("accelerate", "", ">=0.30,!=1.1", ("torch",), "seen", id="no-upper-bound"),
        pytest.param("accelerate", "", "==0.30.1", ("torch",), "inferred", id="what-every-version-has"),
        pytest.param("accelerate", "", "<1.14", ("torch",), "seen", id="another-row-is-admitted"),
        pytest.param("vllm", "", "==0.10.0", VLLM_0_10, "seen", id="a-row-of-its-own"),
        pytest.param("vllm", "", "==0.10.*", VLLM_0_10, "seen", id="the-newest-row-admitted"),
        pytest.param("vllm", "", "==0.7.0", ("torch",), "inferred", id="older-than-all-rows"),
        pytest.param("vllm", "", "==99.0", ("torch",), "inferred", id="newer-than-all-rows"),
        pytest.param("vllm", "", "===odd", ("torch",), "inferred", id="no-version-at-all"),
        pytest.param("outlines", "", "<0.2", ("torch",), "seen", id="the-last-version-that-did"),
        pytest.param("outlines", "", "==0.2.0", None, None, id="nothing-known-for-it"),
        pytest.param("transformers", "torch", "", ("accelerate", "torch"), "seen", id="an-extra"),
        pytest.param("transformers", "torch", "==4.0", None, None, id="an-extra-of-an-unknown-version"),
        pytest.param("lightning", "all", "==2.5.5", None, None, id="an-extra-of-a-version-known-without-it"),
        pytest.param("torchvision", "", "==0.20", ("torch",), "seen", id="the-family-holds-for-all-versions"),
        pytest.param("torch", "opt-einsum", "", (), "seen", id="an-extra-of-the-family"),
        pytest.param("numpy", "", "", None, None, id="no-row"),
        pytest.param("trainer", "", "", ("torch",), "inferred", id="seen-in-no-version-in-particular"),
    ],
)
def test_what_is_known_for_the_versions_admitted(
    package: str, extra: str, specifier: str, names: tuple[str, ...] | None, certainty: str | None
) -> None:
    found = edges.known(package, extra, specifier)
    if names is None:
        assert found is None
    else:
        assert found is not None
        assert (tuple(edge.name for edge in found.edges), found.certainty) == (names, certainty)


def test_rows_on_both_sides_speak_where_they_agree() -> None:
    found = edges.known("vllm", "", "==0.12.0")
    assert found is not None
    names = {edge.name for edge in found.edges}
    assert {"torch", "torchaudio", "torchvision"} <= names
    assert not names & {"torchcodec", "tilelang"}
    assert found.certainty == "inferred"


def test_an_edge_has_its_marker() -> None:
    found = edges.known("pyiqa", "", "")
    assert found is not None
    assert Edge("bitsandbytes", (), "sys_platform != 'darwin'") in found.edges


def test_doubt_about_the_evidence_is_kept() -> None:
    others = catalog.dependents()
    assert (others["accelerate"].uncertain, others["tsai"].uncertain) == (False, True)
    assert others["tsai"].note == "stored version 0.2.19"
    assert catalog.family()["torchrec"].uncertain == ("kinds",)
    newest = catalog.releases()[-1]
    assert newest.uncertain == ("triton-rocm", "triton-xpu")
    assert [newest.certainty_of(tag) for tag in ("cu118", "cu130", "rocm10.0")] == ["seen", "announced", "inferred"]


# The answers


@pytest.mark.parametrize(
    ("package", "tag", "specifier", "expected"),
    [
        pytest.param("vllm", "cu128", "", False, id="not-a-family-package"),
        pytest.param("triton", "cu128", "", False, id="triton-is-the-same-on-pypi"),
        pytest.param("torchtune", "cu126", "", False, id="torchtune-is-pure-python"),
        pytest.param("torch", "cu125", "", False, id="torch-was-never-released-for-cu125"),
        pytest.param("torch", "cu127", "", False, id="no-such-tag-though-lower-than-known-ones"),
        pytest.param("torch", "nightly", "", False, id="not-a-tag"),
        pytest.param("torch", "cpu", "", True, id="every-torch"),
        pytest.param("torch", "cu124", ">=2.8", False, id="cu124-ends-at-2.6"),
        pytest.param("torch", "cu124", ">=2.5,<2.9", True, id="bounds-that-cu124-can-meet"),
        pytest.param("torch", "cu128", "<2.7", False, id="cu128-begins-at-2.7"),
        pytest.param("torch", "cu128", "==2.9.1+cu128", True, id="local-version-of-the-tag"),
        pytest.param("torch", "cu128", "==2.9.1+cu126", False, id="local-version-of-another-tag"),
        pytest.param("torch", "cu128", "==2.9.7", False, id="patch-that-never-was"),
        pytest.param("torch", "cu132", ">=2.16", True, id="newer-than-the-catalogue-on-a-live-tag"),
        pytest.param("torch", "cu132", ">2.15.0", True, id="exclusive-bound-at-the-newest"),
        pytest.param("torch", "cu132", "==2.16.*", True, id="series-newer-than-the-catalogue"),
        pytest.param("torch", "cu132", "===2.12.0", True, id="arbitrary-equality"),
        pytest.param("torch", "cu128", ">=2.16", False, id="newer-than-the-catalogue-on-an-ended-tag"),
        pytest.param("torch", "cu140", ">=2.16", True, id="tag-newer-than-the-catalogue"),
        pytest.param("torch", "rocm11.0", "", True, id="rocm-newer-than-the-catalogue"),
        pytest.param("torchaudio", "cu140", "", False, id="torchaudio-gets-no-new-tags"),
        pytest.param("torch", "cu113", ">=1.12,<2", True, id="before-the-catalogued-releases"),
        pytest.param("torch", "cu113", ">=2", False, id="old-tag-new-torch"),
        pytest.param("torchvision", "cu113", "", True, id="old-tag-has-torchvision"),
        pytest.param("torchcodec", "cu113", "", False, id="old-tag-is-older-than-torchcodec"),
        pytest.param("torchvision", "xpu", "", True, id="torchvision-on-xpu"),
        pytest.param("torchvision", "cu132", ">=0.27", True, id="torchvision-follows-torch"),
        pytest.param("torchaudio", "cu130", "", True, id="torchaudio-2.11-is-still-there"),
        pytest.param("torchaudio", "cpu", ">=2.12", False, id="torchaudio-ends-at-2.11"),
        pytest.param("torchaudio", "cu132", "", False, id="torchaudio-ended-before-cu132"),
        pytest.param("torchtext", "cpu", "==0.15.2", True, id="series-of-torchtext"),
        pytest.param("torchtext", "cpu", ">=0.19", False, id="torchtext-ends-at-0.18"),
        pytest.param("torchtext", "cu121", "", False, id="torchtext-has-cpu-builds-only"),
        pytest.param("torchcodec", "cu130", ">=0.9", True, id="torchcodec-for-cuda"),
        pytest.param("torchcodec", "cu124", ">=0.10", False, id="torchcodec-0.10-is-for-torch-2.10"),
        pytest.param("torchcodec", "xpu", "", False, id="no-torchcodec-for-xpu"),
        pytest.param("torchcodec", "rocm7.1", "", False, id="no-torchcodec-for-rocm"),
        pytest.param("torchao", "cu128", ">=0.14", True, id="torchao-for-cuda"),
        pytest.param("torchao", "xpu", "", False, id="no-torchao-for-xpu"),
        pytest.param("torchao", "rocm6.4", "", False, id="no-torchao-for-rocm"),
        pytest.param("xformers", "cpu", "", False, id="no-xformers-for-cpu"),
        pytest.param("xformers", "xpu", "", False, id="no-xformers-for-xpu"),
        pytest.param("xformers", "cu132", "", False, id="no-xformers-for-cu132"),
        pytest.param("xformers", "cu130", "", True, id="xformers-for-cu130"),
        pytest.param("xformers", "cu128", ">=0.0.40", True, id="xformers-newer-than-the-catalogue"),
        pytest.param("xformers", "cu124", ">=0.0.30", False, id="xformers-left-cu124-at-0.0.29"),
        pytest.param("xformers", "rocm6.4", "==0.0.33", True, id="xformers-for-rocm"),
        pytest.param("triton-rocm", "rocm7.1", "", True, id="triton-for-rocm-is-on-no-other-index"),
        pytest.param("triton-xpu", "rocm7.1", "", False, id="triton-of-another-kind"),
        pytest.param("fbgemm-gpu", "cpu", ">=1", True, id="versions-unknown-kind-decides"),
    ],
)
def test_is_hosted(package: str, tag: str, specifier: str, *, expected: bool) -> None:
    assert catalog.is_hosted(package, tag, specifier) is expected


@pytest.mark.parametrize(
    ("package", "tag", "specifier", "expected"),
    [
        pytest.param("torch", "cu129", "==2.13.0", Answer(True, "seen"), id="seen-in-locks-after-a-gap"),
        pytest.param("torch", "cu129", "==2.12.*", Answer(False, "inferred"), id="in-a-gap-nobody-looked"),
        pytest.param("torch", "cu129", ">=2.14", Answer(False, "inferred"), id="nobody-knows-whether-it-goes-on"),
        pytest.param("torch", "cu124", ">=2.8", Answer(False, "seen"), id="ended-and-seen-to-have-ended"),
        pytest.param("torch", "cu124", ">=2.16", Answer(False, "seen"), id="ended-before-the-newest"),
        pytest.param("torch", "cu126", ">=2.15", Answer(False, "announced"), id="its-end-is-announced"),
        pytest.param("torch", "cu126", ">=2.10", Answer(True, "seen"), id="one-seen-release-is-enough"),
        pytest.param("torch", "rocm7.2", ">=2.15", Answer(False, "inferred"), id="its-end-is-a-guess"),
        pytest.param("torch", "rocm10.0", "", Answer(True, "inferred"), id="its-begin-is-a-guess"),
        pytest.param("torch", "rocm7.14", ">=2.14", Answer(True, "seen"), id="seen-in-urls"),
        pytest.param("torch", "cu134", "", Answer(False, "inferred", ("2.0.0",)), id="a-trap-that-any-bound-falls-in"),
        pytest.param("torch", "cu134", ">=2.9", Answer(False, "inferred"), id="a-bound-above-the-trap"),
        pytest.param("torch", "cu128", "==2.9.7", Answer(False, "seen"), id="a-patch-that-never-was"),
        pytest.param("torch", "cu999", "", Answer(True, "inferred"), id="a-tag-newer-than-the-catalogue"),
        pytest.param("torchvision", "cu124", ">=0.23", Answer(False, "seen"), id="a-companion-follows"),
        pytest.param("torchaudio", "cpu", ">=2.12", Answer(False, "seen"), id="after-the-last-release"),
        pytest.param("torchcodec", "rocm7.1", "", Answer(False, "seen"), id="not-of-this-kind"),
        pytest.param("torchao", "xpu", "", Answer(False, "inferred"), id="a-kind-that-is-in-doubt"),
        pytest.param("torchao", "cu128", ">=0.14", Answer(True, "inferred"), id="versions-not-known"),
        pytest.param("xformers", "cu121", ">=0.0.36", Answer(False, "inferred"), id="beyond-the-newest-xformers"),
        pytest.param("xformers", "cu121", "==0.0.29", Answer(False, "seen"), id="xformers-left-cu121"),
    ],
)
def test_hosted_says_how_it_is_known(package: str, tag: str, specifier: str, expected: Answer) -> None:
    assert catalog.hosted(package, tag, specifier) == expected
    assert catalog.is_hosted(package, tag, specifier) == expected.hosted


@pytest.mark.parametrize(
    ("package", "tag", "expected"),
    [
        pytest.param("torchao", "cu128", ("linux-aarch64", "linux-x86_64"), id="fewer-than-torch"),
        pytest.param("torchvision", "cu128", ("linux-aarch64", "linux-x86_64", "win-amd64"), id="as-torch"),
        pytest.param("torchcodec", "rocm7.1", (), id="not-of-this-kind"),
        pytest.param("numpy", "cpu", (), id="not-of-the-family"),
    ],
)
def test_platforms(package: str, tag: str, expected: tuple[str, ...]) -> None:
    assert catalog.platforms(package, tag) == expected


def test_what_torch_needs_from_its_own_index() -> None:
    assert catalog.beside_torch("cu130", "2.14") == ()
    assert catalog.beside_torch("rocm7.2", "2.14") == ("triton-rocm",)
    assert catalog.beside_torch("rocm7.14", "2.14.1") == ("triton-rocm", "rocm")
    assert catalog.beside_torch("xpu", "2.9") == ("pytorch-triton-xpu",)


@pytest.mark.parametrize(
    ("package", "version", "expected"),
    [
        pytest.param("torch", "2.14.1", "2026-09-30", id="a-day"),
        pytest.param("torch", "2.9.0", "2025-10", id="a-month"),
        pytest.param("torchvision", "0.29.1", "2026-09", id="of-torch-alone"),
        pytest.param("torch", "9.0", None, id="unknown"),
    ],
)
def test_released_on(package: str, version: str, expected: str | None) -> None:
    assert catalog.released_on(package, version) == expected


def test_other_indexes_tell_their_kind() -> None:
    kinds = {str(row["kind"]) for row in catalog.other_indexes().values()}
    assert kinds <= KINDS | {"None"}
    assert catalog.other_indexes()["repo.amd.com/rocm/whl-multi-arch"]["kind"] == "rocm"


@pytest.mark.parametrize("name", ["dependents.json", "indexes.json", "plain.json", "releases.json"])
def test_a_table_is_written_as_it_was_read(name: str) -> None:
    assert tables.dump(load(name)) == (DATA / name).read_text("utf-8")


def test_certainty_speaks_of_known_tags_and_platforms() -> None:
    for release in catalog.releases():
        for key, certainty in release.certainty.items():
            tag, _, platform = key.partition("/")
            assert certainty in ("announced", "inferred"), key
            assert tag in catalog.builds(), key
            assert not platform or platform in release.tags[tag], key


def test_a_specifier_that_is_none_is_packagings_error() -> None:
    with pytest.raises(InvalidSpecifier):
        catalog.is_hosted("torch", "cpu", "two")


@pytest.mark.parametrize(
    ("package", "version", "expected"),
    [
        pytest.param("torch", "2.6.0", "2025-01", id="torch"),
        pytest.param("torch", "2.6.0+cu124", "2025-01", id="local-version-ignored"),
        pytest.param("torch", "2.5", "2024-10", id="two-parts"),
        pytest.param("torch", "2.7.9", "2025-04", id="unlisted-patch-is-its-minor-version"),
        pytest.param("torchvision", "0.21.0", "2025-01", id="torchvision-by-pairing"),
        pytest.param("torchaudio", "2.11.0", "2026-03", id="first-of-several-pairings"),
        pytest.param("torchcodec", "0.8.1", "2025-10", id="series"),
        pytest.param("xformers", "0.0.29.post1", "2024-10", id="xformers-for-2.5"),
        pytest.param("xformers", "0.0.29.post2", "2025-01", id="xformers-post-release-for-2.6"),
        pytest.param("xformers", "0.0.99", None, id="unlisted-xformers"),
        pytest.param("triton-rocm", "3.6.0", "2026-01", id="triton-for-rocm"),
        pytest.param("torchao", "0.15.0", None, id="not-paired-with-torch"),
        pytest.param("torch", "1.12.1", None, id="older-than-the-catalogue"),
        pytest.param("torch", "3.0", None, id="newer-than-the-catalogue"),
        pytest.param("torch", "2.8.0.dev20250528", None, id="nightlies-came-before-the-release"),
        pytest.param("accelerate", "1.14.0", None, id="not-a-family-package"),
    ],
)
def test_released(package: str, version: str, expected: str | None) -> None:
    assert catalog.released(package, version) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        pytest.param("cpu", None, id="older-than-any-record"),
        pytest.param("cu113", None, id="before-the-catalogued-releases"),
        pytest.param("cu125", None, id="never-released-for"),
        pytest.param("cu999", None, id="unknown"),
        pytest.param("cu124", "2024-07", id="torch-2.4"),
        pytest.param("cu126", "2025-01", id="torch-2.6"),
        pytest.param("rocm6.4", "2025-08", id="torch-2.8"),
        pytest.param("xpu", "2025-01", id="xpu-left-the-test-index-with-2.6"),
    ],
)
def test_first_release(tag: str, expected: str | None) -> None:
    assert catalog.first_release(tag) == expected


@pytest.mark.parametrize(
    ("package", "tag", "expected"),
    [
        pytest.param("torch", "cu124", ("2.4.0", "2.4.1", "2.5.0", "2.5.1", "2.6.0"), id="all-patches"),
        pytest.param("torch", "cu125", (), id="never-released-for"),
        pytest.param("torch", "cu999", (), id="unknown-tag"),
        pytest.param("torchvision", "cu118", None, id="paired-with-2.0-to-2.7"),
        pytest.param("torchvision", "rocm6.4", ("0.23.0", "0.24.0", "0.24.1"), id="torchvision-on-rocm"),
        pytest.param("torchaudio", "rocm7.2", ("2.11.0",), id="torchaudio-once-not-for-each-later-torch"),
        pytest.param(
            "torchcodec", "cu129", ("0.6", "0.7", "0.8", "0.9", "0.10", "0.11", "0.14", "0.15", "0.16"), id="series"
        ),
        pytest.param("xformers", "rocm7.1", ("0.0.34", "0.0.35"), id="tags-of-its-own"),
        pytest.param("torchtext", "cu118", (), id="not-of-that-kind"),
        pytest.param("torchao", "cu128", (), id="versions-not-known"),
        pytest.param("accelerate", "pypi", (), id="not-a-family-package"),
    ],
)
def test_versions(package: str, tag: str, expected: tuple[str, ...] | None) -> None:
    found = catalog.versions(package, tag)
    if expected is None:
        assert (found[0], found[-1], len(found)) == ("0.15.1", "0.22.1", 17)
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("tag", "version", "expected"),
    [
        pytest.param("cpu", "2.9.0", None, id="cpu"),
        pytest.param("cu128", "2.9.0", None, id="cuda-uses-pypis-triton"),
        pytest.param("rocm5.2", "1.13.1", None, id="before-triton"),
        pytest.param("rocm6.4", "2.9.1+rocm6.4", "pytorch-triton-rocm", id="rocm-up-to-2.9"),
        pytest.param("rocm7.1", "2.10", "triton-rocm", id="rocm-from-2.10"),
        pytest.param("xpu", "2.9.0", "pytorch-triton-xpu", id="xpu-up-to-2.9"),
        pytest.param("xpu", "2.10.0", "triton-xpu", id="xpu-from-2.10"),
        pytest.param("cu999", "2.10.0", None, id="unknown"),
    ],
)
def test_triton_for(tag: str, version: str, expected: str | None) -> None:
    assert catalog.triton_for(tag, version) == expected


def test_a_version_that_is_none_is_packagings_error() -> None:
    with pytest.raises(InvalidVersion):
        catalog.triton_for("rocm6.4", "latest")


def test_a_release_names_the_triton_of_its_companions() -> None:
    kin = ("pytorch-triton-rocm", "triton-rocm", "pytorch-triton-xpu", "triton-xpu")
    for release in catalog.releases():
        named = {catalog.triton_for(tag, release.minor) for tag in ("rocm6.4", "xpu")}
        assert set(release.companions) & set(kin) <= named, release.minor


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("nvidia-ml-py", False, id="a-monitor-that-needs-no-cuda"),
        pytest.param("cuda-python", False, id="bindings-that-users-ask-for"),
        pytest.param("nvidia-cudnn-frontend", False, id="a-frontend-is-no-runtime"),
        pytest.param("nvidia-modelopt", False, id="a-torch-dependent-of-nvidias"),
        pytest.param("torch", False, id="torch"),
        pytest.param("nvidia-cublas-cu12", True, id="suffix-of-cuda-12"),
        pytest.param("nvidia-cusparselt-cu13", True, id="suffix-of-cuda-13"),
        pytest.param("nvidia-nccl-cu14", True, id="suffix-of-a-cuda-to-come"),
        pytest.param("nvidia-cublas", True, id="no-suffix-from-cuda-13"),
        pytest.param("cuda-bindings", True, id="bindings-that-torch-requires"),
        pytest.param("cuda-toolkit", True, id="toolkit-of-torch-2.11"),
    ],
)
def test_is_cuda_library(name: str, *, expected: bool) -> None:
    assert catalog.is_cuda_library(name) is expected


# uv's keys


@pytest.mark.parametrize(
    ("key", "versions"),
    [
        pytest.param("conflicts", ("uv-0.5.8", "uv-0.13.9"), id="known-to-both"),
        pytest.param("required-version", ("uv-0.13.9",), id="young"),
        pytest.param("source-dist", ("uv-0.5.8",), id="gone"),
        pytest.param("default-extras", None, id="invented"),
    ],
)
def test_uv_keys(key: str, versions: tuple[str, ...] | None) -> None:
    assert catalog.uv_keys().get(key) == versions


@pytest.mark.parametrize(
    ("package", "tag", "specifier", "newest"),
    [
        pytest.param("torch", "cu124", ">=2.5.1", "2.6.0", id="a-lone-floor"),
        pytest.param("torch", "cu124", ">=2.5,<2.6", "2.5.1", id="a-range"),
        pytest.param("torch", "cu124", "", "2.6.0", id="no-bound"),
        pytest.param("torch", "cu124", ">=2.8", None, id="a-floor-above-all"),
    ],
)
def test_admitted(package: str, tag: str, specifier: str, newest: str | None) -> None:
    found = catalog.admitted(package, tag, specifier)
    assert (found[-1] if found else None) == newest
