"""What older releases required: the table, the row that a specifier asks, and facts that were looked at by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.version import Version

from variantfix.pytorch import catalog, edges, rows, tables
from variantfix.pytorch.facts import Edge, Row
from variantfix.uv import pythons

PACKAGES = tables.read("history.json")["packages"]
TORCH, VISION, AUDIO = Edge("torch"), Edge("torchvision"), Edge("torchaudio")

# The table


def test_a_history_is_that_of_a_dependent_and_brings_a_family_package() -> None:
    others = catalog.dependents()
    assert set(PACKAGES) <= set(others)
    assert list(PACKAGES) == sorted(PACKAGES)
    for name, row in PACKAGES.items():
        assert any(row["releases"].values()), name
        assert row["gathered"] >= "2026-11-30"


def test_releases_ascend_apart_and_in_order_as_versions_that_can_be_compared() -> None:
    for name in PACKAGES:
        ends = [text for row in tables.history(name) for text in dict.fromkeys((row.since, row.until))]
        assert ends == sorted(ends, key=Version), name
        assert [text for text in ends if Version(text).is_prerelease] == [], name
    dependents = catalog.dependents().values()
    every = [text for d in dependents for text in (*d.at, *filter(None, [d.seen]))]
    assert [text for text in every if pythons.version(text) is None] == []


def test_edges_lead_to_family_packages_and_dependents_only() -> None:
    known = set(catalog.family()) | set(catalog.dependents())
    told = [row for name in PACKAGES for row in tables.history(name)]
    asked = {edge.name for row in told for edges in (row.requires, *(row.extras or {}).values()) for edge in edges}
    assert asked - known == set()


def test_it_agrees_with_what_locks_tell_and_what_every_version_has() -> None:
    for name in PACKAGES:
        dependent = catalog.dependents()[name]
        always = {edge.name for edge in dependent.always}
        for row in tables.history(name):
            names = {edge.name for edge in row.requires}
            assert always <= names, (name, row.since)
            assert row.since not in dependent.at or names == {edge.name for edge in dependent.at[row.since]}, name


FACTS = [
    pytest.param("accelerate", "", "==1.6.0", {"torch"}, id="accelerate"),
    pytest.param("accelerate", "deepspeed", "==1.6.0", {"deepspeed"}, id="its-extra"),
    pytest.param("bitsandbytes", "", "==0.42.0", set(), id="before-it-required-torch"),
    pytest.param("bitsandbytes", "", "==0.45.5", {"torch"}, id="after"),
    pytest.param("datasets", "audio", "==4.4.2", {"torch", "torchcodec"}, id="an-extra-that-came-later"),
    pytest.param("datasets", "audio", "==3.6.0", set(), id="an-extra-without-torch-before"),
    pytest.param("mostlyai-qa", "", "==1.5.0", {"sentence-transformers"}, id="through-another-package"),
    pytest.param("mostlyai-qa", "", "==1.5.17", {"accelerate", "sentence-transformers", "torch"}, id="itself"),
    pytest.param("transformers", "", "<5", set(), id="transformers-alone"),
    pytest.param("transformers", "torch-vision", "==4.53.0", {"torchvision"}, id="torch-vision"),
    pytest.param("transformers", "torch-vision", "<5,>=4.45.2", {"torchvision"}, id="the-newest-below-a-bound"),
    pytest.param("transformers", "torch-vision", "==5.5.4", set(), id="torch-vision-is-vision-now"),
    pytest.param("transformers", "vision", "==5.5.4", {"torchvision"}, id="vision"),
]


@pytest.mark.parametrize(("package", "extra", "specifier", "names"), FACTS)
def test_facts(package: str, extra: str, specifier: str, names: set[str]) -> None:
    found = edges.known(package, extra, specifier)
    assert found is not None
    assert ({edge.name for edge in found.edges}, found.certainty) == (names, "seen")


def test_between_two_releases_that_need_no_torch_none_is_inferred() -> None:
    assert edges.known("transformers", "", "==4.53.2") == edges.Known((), "inferred")
    assert edges.known("bitsandbytes", "", "==0.43.0") is None


def test_vllm_by_version() -> None:
    told = {row.since: {edge.name for edge in row.requires} for row in tables.history("vllm")}
    assert all({"torch", "torchaudio", "torchvision"} <= names for names in told.values())
    assert {since for since, names in told.items() if "xformers" in names} == {"0.8.5.post1", "0.9.2", "0.11.2"}
    found = edges.known("vllm", "", ">=0.8.5,<0.9")
    assert found is not None
    assert Edge("xformers", (), "platform_system == 'Linux' and platform_machine == 'x86_64'") in found.edges
    assert found.certainty == "seen"


def test_a_requirement_for_two_systems_holds_on_both() -> None:
    engine = {row.since: row for row in tables.history("mostlyai-engine")}
    assert Edge("torch", (), "sys_platform == 'linux' or sys_platform == 'darwin'") in engine["1.2.4"].requires


# The row that a specifier asks

TOLD = (
    Row("1.0", "1.4.2", (TORCH, VISION), {"more": (AUDIO,)}),
    Row("1.6", "1.6", (), None),
    Row("1.8", "1.9.post1", (TORCH,), {"more": (AUDIO, VISION)}),
)
OLD, NEW = TOLD[0], TOLD[2]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "rows", lambda _: TOLD)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        pytest.param("==1.0", OLD, id="the-first"),
        pytest.param("==1.0.0", OLD, id="the-first-in-another-spelling"),
        pytest.param("==1.4.2", OLD, id="the-last"),
        pytest.param("==1.3", OLD, id="between-them"),
        pytest.param("==1.3.*", OLD, id="a-series"),
        pytest.param("~=1.3.1", OLD, id="compatible"),
        pytest.param("~=1.3", NEW, id="compatible-with-newer-ones"),
        pytest.param("<1.3", OLD, id="below-a-bound-inside"),
        pytest.param("<=1.4.2", OLD, id="at-the-last"),
        pytest.param(">=1.2,<1.3", OLD, id="a-range-inside"),
        pytest.param(">1.2,<1.3", OLD, id="an-open-range-inside"),
        pytest.param(">=1.2,!=1.2,<1.3", OLD, id="without-its-begin"),
        pytest.param(">=1.4.2,<1.5", OLD, id="the-last-alone"),
        pytest.param("<1.8", TOLD[1], id="a-single-release"),
        pytest.param(">=1.3,<2", NEW, id="the-newest-admitted"),
        pytest.param("==1.9.post1", NEW, id="a-post-release"),
        pytest.param("<1.0", None, id="below-all"),
        pytest.param("==1.5", None, id="in-a-gap"),
        pytest.param(">1.4.2,<1.6", None, id="a-range-in-a-gap"),
        pytest.param("==2.0", None, id="above-all"),
        pytest.param("==1.3rc1", None, id="a-pre-release"),
        pytest.param("==1.3+cu128", None, id="a-local-version"),
        pytest.param("===odd", None, id="no-version"),
    ],
)
def test_the_row_that_a_specifier_asks(specifier: str, expected: Row | None) -> None:
    assert rows.admitted("any", "", specifier) == expected


@pytest.mark.usefixtures("told")
def test_an_extra_is_asked_of_the_rows_that_were_seen_with_theirs() -> None:
    assert rows.admitted("any", "more", "<1.8") == OLD
    assert rows.admitted("any", "more", "==1.6") is None
    assert OLD.edges("more") == (AUDIO,)
    assert (OLD.edges("none"), TOLD[1].edges("more")) == ((), ())


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("extra", "specifier", "expected"),
    [
        pytest.param("more", "==1.5", (AUDIO,), id="both-sides-have-it"),
        pytest.param("", "==1.5", None, id="one-side-has-nothing"),
        pytest.param("other", "==1.5", (), id="neither-side-has-anything"),
        pytest.param("", "==1.3+cu128", (TORCH, VISION), id="a-local-version-in-a-row"),
        pytest.param("more", "==0.9", None, id="below-all"),
        pytest.param("more", "==2.0", None, id="above-all"),
        pytest.param("more", "===odd", None, id="no-version"),
    ],
)
def test_what_both_sides_agree_on(extra: str, specifier: str, expected: tuple[Edge, ...] | None) -> None:
    assert rows.between("any", extra, specifier) == expected


def test_a_history_stands_above_what_locks_tell() -> None:
    told = {row.since: row for row in rows.rows("transformers")}
    assert told["4.57.6"].extras is not None
    assert told["4.57.3"].extras is None
    assert list(told) == sorted(told, key=Version)


def test_a_version_with_an_epoch_has_no_place() -> None:
    with pytest.raises(ValueError, match=r"^'1!2' is no version without an epoch and a local part$"):
        rows.order("1!2")


def test_the_file_is_read_when_a_bound_is_asked_about() -> None:
    script = """
import sys
from pathlib import Path
opened = []
sys.addaudithook(lambda event, args: opened.append(Path(str(args[0])).name) if event == "open" else None)
from variantfix.pytorch import edges
for specifier in ("", ">=1.0", "==1.6.0"):
    edges.known("accelerate", "", specifier)
    print("history.json" in opened)
edges.known("vllm", "", ">=0.8.5,<0.9")
print("packaging" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False", "True", "False"]


def test_it_is_written_as_it_was_read() -> None:
    path = Path(tables.__file__).with_name("data") / "history.json"
    assert tables.dump(json.loads(path.read_text("utf-8"))) == path.read_text("utf-8")
