"""A walk is done once, and stands for later states of a workspace that say the same where it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix import toml
from variantfix.detect.reach import catalogue_requires
from variantfix.detect.walks import Walks
from variantfix.toml import Append, Put, apply_to_data
from variantfix.uv.parse import parse
from variantfix.uv.project import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from variantfix.pytorch.facts import Edge
    from variantfix.toml import Edit

FILE = "pyproject.toml"
BASE, CPU, GPU = Scope(FILE, "base"), Scope(FILE, "extra", "cpu"), Scope(FILE, "extra", "gpu")
TEXT = """\
[project]
name = "app"
version = "1"
dependencies = ["accelerate"]

[project.optional-dependencies]
cpu = ["torch; sys_platform == 'linux'", "app[more]"]
gpu = ["torch==2.6.0"]
more = ["timm"]

[tool.uv]
"""


class Counting:
    """The catalogue, which counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, package: str, extra: str, specifier: str) -> Iterable[Edge]:
        self.asked += 1
        return catalogue_requires(package, extra, specifier)


def states(*edits: Edit) -> tuple[Walks, Walks, Counting]:
    """The walks over a workspace, those over what edits make of it, and who counts."""
    data = toml.loads(TEXT)
    counting = Counting()
    before = parse({FILE: data})
    after = parse({FILE: apply_to_data(data, edits)}, before)
    walks = Walks(before, counting)
    return walks, Walks(after, counting, walks), counting


def anew(edits: tuple[Edit, ...], scopes: tuple[Scope, ...]) -> Mapping[str, object]:
    data = apply_to_data(toml.loads(TEXT), edits)
    return Walks(parse({FILE: data}), catalogue_requires).closure(scopes)


def test_it_is_done_once() -> None:
    walks, _, counting = states()
    first = walks.closure((BASE, CPU))
    asked = counting.asked
    assert walks.closure((BASE, CPU)) is first
    assert counting.asked == asked > 0


def test_an_edit_elsewhere_leaves_it_alone() -> None:
    edit = Append(FILE, ("project", "optional-dependencies", "gpu"), '"peft"')
    before, after, counting = states(edit)
    first = before.closure((BASE, CPU))
    asked = counting.asked
    assert after.closure((BASE, CPU)) is first
    assert counting.asked == asked
    assert "peft" in after.closure((BASE, GPU))


def test_an_edit_of_a_list_on_the_way_has_it_done_anew() -> None:
    edit = Append(FILE, ("project", "optional-dependencies", "more"), '"peft"')
    before, after, _ = states(edit)
    assert "peft" not in before.closure((BASE, CPU))
    assert after.closure((BASE, CPU)) == anew((edit,), (BASE, CPU))
    assert "peft" in after.closure((BASE, CPU))


def test_a_new_list_on_the_way_has_it_done_anew() -> None:
    edits = (Append(FILE, ("project", "dependencies"), '"app[new]"'),)
    before, after, _ = states(*edits)
    later = Put(FILE, ("project", "optional-dependencies", "new"), '["peft"]')
    assert "peft" not in before.closure((BASE,))
    assert "peft" not in after.closure((BASE,))
    assert "peft" in states(*edits, later)[1].closure((BASE,))


def test_a_constraint_has_all_done_anew() -> None:
    edit = Put(FILE, ("tool", "uv", "constraint-dependencies"), '["timm<1"]')
    before, after, _ = states(edit)
    assert before.closure((BASE, CPU))["timm"].specifiers == ()
    assert after.closure((BASE, CPU))["timm"].specifiers == ("<1",)


def test_another_answer_about_markers_is_another_walk() -> None:
    walks, _, _ = states()
    assert "torch" in walks.names((CPU,), lambda marker: "linux" in marker)
    assert walks.closure((CPU,), lambda _: False).keys() >= {"timm"}
    assert [r.text for r in walks.closure((CPU,), lambda _: False)["torch"].written] == []


def test_an_answer_about_no_marker_is_not_asked_for() -> None:
    walks, _, _ = states()
    assert "torch" in walks.names((GPU,), lambda _: False)


def test_a_file_that_no_edit_touched_is_taken_over() -> None:
    data = toml.loads(TEXT)
    before = parse({FILE: data})
    assert parse({FILE: data}, before).root is before.root


def test_two_tables_that_make_one_list_are_read_anew() -> None:
    """`tool.uv.dev-dependencies` is one with the group dev: what an edit takes from the one is gone from both."""
    data = toml.loads(TEXT + 'dev-dependencies = ["ruff"]\n\n[dependency-groups]\ndev = ["mypy"]\n')
    before = parse({FILE: data})
    after = parse({FILE: apply_to_data(data, [Put(FILE, ("tool", "uv", "dev-dependencies"), "[]")])}, before)
    dev = Scope(FILE, "group", "dev")
    assert [r.name for r in before.root.sections[dev].requirements] == ["mypy", "ruff"]
    assert [r.name for r in after.root.sections[dev].requirements] == ["mypy"]
