"""A survey says of each case what its walk says, or leaves it to the walk."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.locks import HEAD, NO_PROJECT, UNDONE, VARIANTS
from variantfix.uv.lock import Lock, Selection, SelectionError, lock_of, read_lock, walk
from variantfix.uv.lock.survey import survey
from variantfix.uv.platforms import Host, hosts

LINUX = hosts("3.11")[0]
HOSTS = (*hosts("3.11"), *hosts("3.13"), *hosts("3.8"))
SELECTIONS = tuple(
    Selection(packages=packages, all_packages=whole, extras=extras, groups=groups)
    for packages in ((), ("lib",), ("none",))
    for whole in (False, True)
    for extras in ((), ("cpu",), ("gpu",), ("cpu", "gpu"), ("all",))
    for groups in ((), ("dev",), ("on-cpu",))
)
CASES = tuple((selection, host) for selection in SELECTIONS for host in HOSTS)

_Rows = frozenset[int] | None


def walked(lock: Lock, selection: Selection, host: Host) -> set[tuple[str, str | None, str]] | None:
    """What a case installs; None where uv refuses it."""
    try:
        return {(p.name, p.version, p.source.location) for p in walk(lock, selection, host).packages}
    except SelectionError:
        return None


def settled(lock: Lock, cases: tuple[tuple[Selection, Host], ...] = CASES) -> int:
    """How many cases a survey settles; each of them is as its walk has it."""
    found = survey(lock, cases)
    assert 0 <= found.settled < 1 << len(cases)
    for number, (selection, host) in enumerate(cases):
        if found.settled >> number & 1:
            rows = (lock.packages[index] for index, bits in found.rows.items() if bits >> number & 1)
            reached = {(r.name, r.version, r.source.location) for r in rows if r.source.kind != "virtual"}
            assert reached == walked(lock, selection, host)
    return found.settled.bit_count()


@pytest.mark.parametrize("text", [VARIANTS, UNDONE])
def test_each_case_is_as_its_walk_has_it(text: str) -> None:
    assert 0 < settled(read_lock(text)) < len(CASES)


@pytest.mark.parametrize(
    ("selection", "is_settled"),
    [
        pytest.param(Selection(), True, id="the project"),
        pytest.param(Selection(extras=("cpu",)), True, id="an extra"),
        pytest.param(Selection(extras=("cpu", "gpu")), False, id="two that conflict"),
        pytest.param(Selection(extras=("none",)), False, id="an extra that is not there"),
        pytest.param(Selection(groups=("on-cpu",)), False, id="a group that switches an extra on"),
        pytest.param(Selection(groups=("on-cpu",), extras=("cpu",)), True, id="a group whose extra is on"),
        pytest.param(Selection(packages=("tool",)), False, id="a member that switches an extra on"),
    ],
)
def test_what_a_survey_settles(selection: Selection, is_settled: bool) -> None:
    lock = read_lock(VARIANTS)
    assert settled(lock, ((selection, LINUX),)) == is_settled
    # Beside others it is no different.
    others = ((Selection(groups=("on-cpu",)), LINUX), (selection, LINUX), (Selection(), hosts("3.8")[0]))
    assert survey(lock, others).settled == is_settled << 1


@pytest.mark.parametrize(
    ("selection", "is_settled"),
    [
        pytest.param(Selection(), True, id="its members"),
        pytest.param(Selection(groups=("own",)), True, id="a member's group"),
        pytest.param(Selection(groups=("dev",)), False, id="a group of its own"),
    ],
)
def test_a_root_without_a_project(selection: Selection, is_settled: bool) -> None:
    lock = read_lock(NO_PROJECT)
    assert settled(lock, ((selection, LINUX), (selection, hosts("3.11")[2]))) == is_settled
    text = NO_PROJECT.replace("[manifest.dep", 'requirements = [{ name = "lint" }]\n\n[manifest.dep')
    assert settled(read_lock(text), ((selection, LINUX),)) == 0


def test_nothing_is_asked_of_nothing() -> None:
    found = survey(read_lock(HEAD), ())
    assert (found.rows, found.settled) == ({}, 0)


_MARKERS = (
    "", "", "", "sys_platform == 'linux'", "sys_platform != 'linux' and python_version < '3.12'",
    "extra == 'extra-3-app-cpu'", "extra != 'extra-3-app-cpu'", "extra == 'extra-3-lib-cpu' or os_name == 'nt'",
    "extra == 'extra-3-lib-cpu'", "(extra == 'extra-3-app-gpu' or os_name == 'nt') and python_version > '3.11'",
    "(sys_platform == 'darwin' and extra == 'group-3-app-dev') or extra != 'extra-3-app-gpu'",
    "((os_name == 'nt' or extra != 'extra-3-lib-cpu') and python_version > '3.11') or platform_machine == 'x86_64'",
)  # fmt: skip
_NAMES = ("app", "lib", "a", "b", "c", "d")
_LISTS = ("cpu", "gpu", "all", "dev", "on-cpu")


def _edges(chance: Random) -> list[dict[str, Any]]:
    return [
        {"name": chance.choice(_NAMES), "marker": chance.choice(_MARKERS)}
        | ({"extra": [chance.choice(("cpu", "gpu", "all"))]} if chance.random() < 0.2 else {})
        for _ in range(chance.choice((0, 0, 1, 2, 3)))
    ]


def _random_lock(chance: Random) -> Lock:
    """Some packages that depend on each other in any way, under markers of any kind."""
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "version": "1",
            "source": {"virtual" if name == "app" else "editable": "." if name == "app" else name},
            "dependencies": _edges(chance),
            "optional-dependencies": {extra: _edges(chance) for extra in _LISTS[:3]},
            "dev-dependencies": {group: _edges(chance) for group in _LISTS[3:]},
        }
        for name in _NAMES
    ]
    conflicts = [[{"package": "app", "extra": "cpu"}, {"package": chance.choice(("app", "lib")), "extra": "gpu"}]]
    head: dict[str, Any] = {"version": 1, "requires-python": ">=3.9", "conflicts": conflicts}
    if chance.random() < 0.3:
        head["supported-markers"] = ["sys_platform != 'win32'", "python_version > '3.12'"]
    return lock_of({**head, "manifest": {"members": ["app", "lib"]}, "package": rows})


def test_it_is_as_the_walks_have_it_in_any_lock() -> None:
    chance = Random(7)
    found = 0
    for _ in range(60):
        found += settled(_random_lock(chance), tuple(chance.sample(CASES, 40)))
    assert found > 300


def test_what_is_only_to_be_had_through_some_rows_is_behind_them() -> None:
    chance = Random(11)
    found = 0
    for _ in range(60):
        lock, cases = _random_lock(chance), tuple(chance.sample(CASES, 20))
        asked = survey(lock, cases)
        between = set(chance.sample(range(len(lock.packages)), 2))
        behind = asked.behind(between)
        assert all(bits & ~asked.rows[row] == 0 for row, bits in behind.items())
        names = {lock.packages[row].name for row in between}
        for number, (selection, host) in enumerate(cases):
            if asked.settled >> number & 1:
                without = {p.name for p in walk(lock, selection, host, barred=lambda row: row.name in names).packages}  # noqa: B023
                only = {r for r, bits in asked.rows.items() if bits >> number & 1} - between
                only -= {row for row in only if lock.packages[row].name in without | {"app"}}
                assert all(behind.get(row, 0) >> number & 1 for row in only)
                found += len(only)
    assert found > 100


def test_a_row_is_behind_what_requires_it() -> None:
    lock = read_lock(VARIANTS)
    index = {(row.name, row.version): number for number, row in enumerate(lock.packages)}
    found = survey(lock, [(Selection(), host) for host in hosts("3.11")])
    accel, colour = index["accel", "1.0"], index["colour", "3.0"]
    assert found.behind({accel}) == {colour: 0b0100, index["torch", "2.0"]: 0b1111}
    assert found.behind({colour}) == {}
