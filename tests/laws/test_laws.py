"""The laws of the whole tool, over random projects."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.laws.projects import Draft, draft, drafts, shuffled
from variantfix import Settings, projects, toml
from variantfix.errors import ConfigError, InputError
from variantfix.repair.pipeline import Repair, repair_texts
from variantfix.rules import every
from variantfix.rules.rule import Safety

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from variantfix.rules.rule import Finding

EXAMPLES = int(os.environ.get("VARIANTFIX_LAW_EXAMPLES", "80"))
_some = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
_few = settings(_some, max_examples=EXAMPLES // 2)
SAFE, UNSAFE = Settings(), Settings(unsafe=True)
both = pytest.mark.parametrize("asked", [SAFE, UNSAFE], ids=["safe", "unsafe"])


@both
@_some
@given(project=drafts())
def test_apply_twice_is_apply_once(asked: Settings, project: Draft) -> None:
    """The rewrite is proved on the way, in each of the two runs."""
    once = repair_texts(project.texts, asked)
    again = repair_texts(once.after, asked)
    assert again.after == once.after
    assert again.plan.edits == ()
    assert [f for f in again.plan.found if f.fix and (asked.unsafe or f.fix.safety is Safety.SAFE)] == []


@_some
@given(project=drafts())
def test_what_has_nothing_to_fix_keeps_its_bytes(project: Draft) -> None:
    repair = repair_texts(project.texts, SAFE)
    for file in project.texts:
        named = any(edit.file == file for edit in repair.plan.edits)
        assert (repair.after[file] == repair.before[file]) is not named


@_some
@given(project=drafts())
def test_a_safe_repair_keeps_every_comment(project: Draft) -> None:
    repair = repair_texts(project.texts, SAFE)
    removing = {edit.file for edit in repair.plan.edits if isinstance(edit, toml.Remove)}
    for file in set(project.texts) - removing:
        assert comments(repair.before[file]) == comments(repair.after[file])


def comments(text: str) -> list[str]:
    return sorted(comment for _, comment in toml.scan(text).comments())


@both
@_few
@given(project=drafts(), random=st.randoms(use_true_random=False))
def test_the_order_of_the_input_decides_nothing(asked: Settings, project: Draft, random: Random) -> None:
    one, other = (repair_texts(each.texts, asked) for each in (project, shuffled(project, random)))
    assert meant(one.after) == meant(other.after)


@both
@_few
@given(project=drafts(), random=st.randoms(use_true_random=False))
def test_the_order_of_rules_and_findings_decides_nothing(asked: Settings, project: Draft, random: Random) -> None:
    expected = repair_texts(project.texts, asked)
    ordered = every.check

    def mixed(ctx: Any) -> Iterator[Finding]:
        found = list(ordered(ctx))
        random.shuffle(found)
        return iter(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(every, "RULES", tuple(random.sample(every.RULES, len(every.RULES))))
        patch.setattr(every, "check", mixed)
        found = repair_texts(project.texts, asked)
    assert found.after == expected.after
    assert set(found.plan.found) == set(expected.plan.found)


def meant(texts: Mapping[str, str]) -> Any:
    """What texts mean: their data, with every array as a set, since the order in it is the input's own."""
    return {file: _unordered(toml.loads(text)) for file, text in texts.items()}


def _unordered(value: Any) -> Any:
    match value:
        case dict():
            return {key: _unordered(each) for key, each in value.items()}
        case list():
            return sorted(map(_unordered, value), key=repr_of)
        case _:
            return value


def repr_of(value: Any) -> str:
    return repr(sorted(value.items()) if isinstance(value, dict) else value)


def test_the_environment_decides_nothing(tmp_path: Path) -> None:
    """Neither uv's variables nor the user's home, folder, locale, time zone or hash seed."""
    elsewhere = {
        "HOME": str(tmp_path),
        "LC_ALL": "tr_TR.UTF-8",
        "TZ": "Pacific/Kiritimati",
        "UV_INDEX_URL": "https://packages.example.com/other",
        "UV_DEFAULT_INDEX": "https://packages.example.com/other",
        "UV_TORCH_BACKEND": "cu128",
        "UV_PYTHON": "3.8",
    }
    (tmp_path / "uv.toml").write_text('index-url = "https://packages.example.com/other"\n')
    here = hashlib.sha256(digested(range(40)).encode()).hexdigest()
    for seed in ("1", "2"):
        variables = os.environ | elsewhere | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])}
        command = [sys.executable, "-m", "tests.laws.test_laws"]
        run = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == here


def digested(seeds: range) -> str:
    """All that is said and written of some projects."""
    repairs = [repair_texts(draft(Random(seed)).texts, UNSAFE) for seed in seeds]
    return repr([(sorted(r.after.items()), r.plan.found, r.plan.edits, r.plan.remaining) for r in repairs])


BROKEN: Mapping[str, Callable[[Path], object]] = {
    "no TOML": lambda path: path.write_text("[project\n"),
    "no project": lambda path: path.write_text("[tool.ruff]\n"),
    "a broken requirement": lambda path: path.write_text('[project]\nname = "a"\ndependencies = ["torch >> 2"]\n'),
    "an unknown setting": lambda path: path.write_text('[project]\nname = "a"\n[tool.variantfix]\ntorch = 1\n'),
    "not UTF-8": lambda path: path.write_bytes(b'[project]\nname = "\xff"\n'),
    "a folder": lambda path: path.mkdir(),
    "nothing at all": lambda path: None,
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_file_stops_no_other(how: str, tmp_path: Path) -> None:
    sound = {tmp_path / f"{seed}.toml": draft(Random(seed)) for seed in range(40)}
    sound = {path: each for path, each in sound.items() if len(each.texts) == 1}
    for path, each in sound.items():
        path.write_bytes(each.texts["pyproject.toml"].encode())
    broken = tmp_path / "broken.toml"
    BROKEN[how](broken)
    paths = [*sound][:8]
    paths.insert(4, broken)
    outcomes = {path: projects.write(projects.process(str(path), SAFE)) for path in paths}
    match outcomes.pop(broken):
        case projects.Failed(error=error):
            assert isinstance(error, (InputError, ConfigError))
        case outcome:
            pytest.fail(f"not stopped: {outcome}")
    for path, outcome in outcomes.items():
        assert isinstance(outcome, projects.Done), outcome
        alone: Repair = repair_texts({str(path): sound[path].texts["pyproject.toml"]}, SAFE)
        assert path.read_bytes().decode() == alone.after[str(path)]


_STRANGE: tuple[Any, ...] = (0, 1.5, True, "", "torch", "@!", [], [[]], ["x"], [1], {}, {"a": 1}, [{}], [{"name": 3}])

CHECKED_LATE = {
    "tool is no table": "tool = true",
    "a source's marker is none": 'tool.uv.sources.torch = [{ index = "i", extra = "cpu", marker = "@!" }]',
    "an environment is no marker": 'tool.uv.environments = ["@!"]\ntool.uv.sources.torch = { index = "pytorch-cu128" }',
}


@pytest.mark.parametrize("line", CHECKED_LATE.values(), ids=CHECKED_LATE)
def test_a_value_that_only_the_rules_look_at_is_an_input_error(line: str) -> None:
    text = f"""{line}
[project]
name = "app"
version = "0.1.0"
[project.optional-dependencies]
cpu = ["torch"]
"""
    with pytest.raises(InputError):
        repair_texts({"pyproject.toml": text}, SAFE)


@_some
@given(project=drafts(), random=st.randoms(use_true_random=False))
def test_what_is_not_a_project_is_an_input_error(project: Draft, random: Random) -> None:
    """A value of a wrong kind anywhere: the tool takes it or says so, and never breaks."""
    file, data = random.choice(list(project.data.items()))
    texts = project.texts | {file: as_toml(damaged(data, random))}
    with contextlib.suppress(InputError, ConfigError):
        repair_texts(texts, UNSAFE)


def damaged(data: Any, random: Random) -> Any:
    """Data with one value in it replaced by something strange."""
    if not isinstance(data, (dict, list)) or not data or random.randrange(6) == 5:
        return random.choice(_STRANGE)
    places = list(data) if isinstance(data, dict) else list(range(len(data)))
    place = random.choice(places)
    new = damaged(data[place], random)
    if isinstance(data, dict):
        return data | {place: new}
    return [*data[:place], new, *data[place + 1 :]]


def as_toml(data: Any) -> str:
    """Data as TOML, one line for each key of the document."""
    table = data if isinstance(data, dict) else {"project": data}
    return "".join(f"{_key(name)} = {_inline(value)}\n" for name, value in table.items())


def _inline(value: Any) -> str:
    match value:
        case bool() | int() | float():
            return str(value).lower()
        case dict():
            return "{" + ", ".join(f"{_key(k)} = {_inline(v)}" for k, v in value.items()) + "}"
        case list():
            return f"[{', '.join(map(_inline, value))}]"
        case _:
            return _key(str(value))


def _key(text: str) -> str:
    return f'"{text}"'


if __name__ == "__main__":
    print(hashlib.sha256(digested(range(40)).encode()).hexdigest())
