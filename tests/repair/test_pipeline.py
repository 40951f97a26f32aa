"""What goes with a text into its plan: a lock, settings that are wrong, packages of which nothing is known."""

from __future__ import annotations

import pytest

from tests.cases import Case, cases
from tests.projects import HEAD, project
from variantfix import ConfigError, InputError, Settings, apply_text, check_text
from variantfix.repair.pipeline import edited, plan_texts, repair_texts
from variantfix.toml import Append

LEAKING = [case for case in cases() if "leaking-lock]" in case.findings and len(case.before) == 1]


@pytest.mark.parametrize("case", LEAKING, ids=lambda case: case.name)
def test_a_lock_tells_what_the_text_does_not(case: Case) -> None:
    (text,) = case.before.values()
    lock = (case.folder / "uv.lock").read_text(encoding="utf-8")
    with_it, without = (
        {finding.rule for finding in check_text(text, settings=case.settings, lock=each)} for each in (lock, None)
    )
    assert "leaking-lock" in with_it - without
    assert {finding.rule for finding in apply_text(text, settings=case.settings, lock=lock).plan.found} == with_it


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        pytest.param(project("quux", "numpy"), 1, id="with variants"),
        pytest.param("[project]\nname = 'a'\nversion = '1'\ndependencies = ['quux']\n", 0, id="without"),
    ],
)
def test_packages_of_which_nothing_is_known_are_counted_beside_variants(text: str, unknown: int) -> None:
    assert plan_texts({"pyproject.toml": text}, Settings()).unknown == unknown


def test_a_tag_of_no_index_is_refused_with_the_nearest() -> None:
    text = project() + "\n[tool.variantfix]\nvariants = { cpu = 'cu999' }\n"
    with pytest.raises(ConfigError, match="no index of PyTorch has that tag") as caught:
        check_text(text)
    assert caught.value.hint.startswith("did you mean 'cu1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[project\n", "p.toml:1:9: not TOML: Expected ']' at the end", id="with its place"),
        pytest.param("a = ", "p.toml: not TOML: Invalid value (mend it first)", id="at the end"),
    ],
)
def test_what_is_no_toml_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        check_text(text, file="p.toml")
    assert str(caught.value).startswith(said)
    assert caught.value.hint == "mend it first"


def test_an_edit_without_room_is_an_input_error() -> None:
    texts = {"a.toml": "a = [1]\n", "b.toml": "a = 1\n"}
    append = [Append(file, ("a",), "2") for file in texts]
    assert edited(texts, append[:1]) == {**texts, "a.toml": "a = [1, 2]\n"}
    with pytest.raises(InputError, match=r"^b.toml: cannot edit a: neither an array nor a table") as caught:
        edited(texts, append)
    assert caught.value.hint == "write it as a list of values first"


def test_without_leave_arrays_stay_on_their_lines() -> None:
    text = f"a = [{', '.join(['1'] * 32)}]\n"  # 100 characters
    append = [Append("a.toml", ("a",), "2")]
    assert edited({"a.toml": text}, append)["a.toml"].count("\n") > 2
    assert edited({"a.toml": text}, append, wrap=False)["a.toml"] == text.replace("]", ", 2]")


def test_faults_of_the_settings_come_in_the_order_of_lines() -> None:
    own = "[tool.variantfix]\nunsafe = 3\nvariants = { cpu = 'cu999' }\nselect = ['nonsense']\n"
    with pytest.raises(ConfigError) as caught:
        check_text(f"{project()}\n{own}")
    lines = [str(caught.value), *caught.value.words.splitlines()]
    said = [line.partition(": ")[2] for line in lines]
    assert [each.partition(" (")[0] for each in said] == [
        "[tool.variantfix]: unsafe is not true or false: 3",
        "[tool.variantfix]: variants: cpu = 'cu999': no index of PyTorch has that tag",
        "[tool.variantfix]: unknown rule 'nonsense'",
    ]
    first = project().count("\n") + 3
    assert [line.split(":")[1] for line in lines] == [str(first), str(first + 1), str(first + 2)]


def test_a_member_can_be_the_one_that_is_meant() -> None:
    root = f"{HEAD}[tool.uv.workspace]\nmembers = ['net']\n"
    member = project(tail="").replace('"app"', '"net"')
    texts = {"pyproject.toml": root, "net/pyproject.toml": member, "pic/pyproject.toml": member.replace("net", "pic")}
    both = repair_texts(texts, Settings())
    assert both.changed == ("pyproject.toml", "net/pyproject.toml", "pic/pyproject.toml")
    one = repair_texts(texts, Settings(), only="net/pyproject.toml")
    assert one.changed == ("net/pyproject.toml",)
    assert {f.file for f in one.plan.found} == {"net/pyproject.toml"}


def test_findings_show_no_credentials_and_come_in_the_order_of_lines() -> None:
    text = (
        project("torchvision")
        .replace("https://download", "https://user:secret@download")
        .replace("whl/cpu", "whl/cu126")
    )
    plan = plan_texts({"pyproject.toml": text}, Settings())
    assert "***" in "".join(f.fix.title for f in plan.found if f.fix)
    assert "secret" not in str([(f.message, f.advice, f.fix and f.fix.title) for f in plan.found])
    assert [f.line for f in plan.found] == sorted(f.line for f in plan.found)
