"""The recipes: files by their official schemas, shell by bash's own reader, uv's commands by the real uv."""

from __future__ import annotations

import copy
import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from tests.ci.test_action import ACTION
from tests.report.official import official
from variantfix import apply_text, check_text

if TYPE_CHECKING:
    from tests.conftest import Judge

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(title: str, language: str) -> str:
    """The block of code under a heading."""
    section = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    (text,) = (part for part in section if part.startswith(title))
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return str(code)


@pytest.mark.parametrize(
    ("title", "schema"),
    [
        ("GitHub", "github-workflow"),
        ("GitLab", "ci"),
        ("Renovate", "renovate-schema"),
        ("Dependabot", "dependabot-2.0"),
        ("pre-commit", "pre-commit-config"),
    ],
)
def test_a_file_is_what_its_reader_takes(title: str, schema: str) -> None:
    text = block(title, "json" if title == "Renovate" else "yaml")
    contract = copy.deepcopy(official(schema))
    if title == "Dependabot":  # the schema that is shipped is older than uv's support and than groups
        contract["definitions"]["package-ecosystem"]["enum"].append("uv")
        contract["definitions"]["update"]["properties"]["groups"] = {"type": "object"}
    data = {"on" if key is True else key: value for key, value in yaml.safe_load(text).items()}  # YAML 1.1's `on`
    jsonschema.validators.validator_for(contract)(contract).validate(data)


def jobs(title: str) -> Any:
    file = yaml.safe_load(block(title, "yaml"))
    return file.get("jobs", file)


def scripts() -> list[str]:
    """Every line that a shell runs."""
    github = [step["run"] for job in jobs("GitHub").values() for step in job["steps"] if "run" in step]
    gitlab = [line for job in jobs("GitLab").values() for line in job["script"]]
    joined = block("An image", "dockerfile").replace("\\\n", " ")
    docker = [re.sub(r"^RUN (--mount=\S+\s+)*", "", line) for line in joined.splitlines() if line.startswith("RUN ")]
    return [re.sub(r"\$\{\{ matrix\.(\w+) \}\}", "$VARIANT", line) for line in (*github, *gitlab, *docker)]


def test_the_action_has_the_inputs() -> None:
    (step,) = (s for s in jobs("GitHub")["check"]["steps"] if "variantfix" in s.get("uses", ""))
    assert set(step["with"]) <= set(ACTION["inputs"])


def test_every_variant_is_in_the_matrix() -> None:
    text = re.findall(r"^```toml\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)[1]
    variants = [variant.spelling for variant in apply_text(text).plan.variants]
    assert jobs("GitHub")["test"]["strategy"]["matrix"]["variant"] == variants
    assert jobs("GitLab")["test"]["parallel"]["matrix"] == [{"VARIANT": variants}]
    assert re.findall(r"VARIANT=(\w+) -t", PAGE) == variants
    assert check_text(text) == ()


@pytest.mark.parametrize("script", scripts())
def test_a_shell_can_read_it(script: str) -> None:
    subprocess.run(["bash", "-n", "-c", script], check=True)


@pytest.mark.uv
def test_uv_knows_every_flag(uv_newest: Path) -> None:
    asked = [shlex.split(script) for script in scripts() if script.startswith("uv ")]
    assert len(asked) >= 6
    for _, command, *args in asked:
        own = args[: args.index("python")] if "python" in args else args
        sub = [command, *(arg for arg in own[:1] if arg == "prune")]
        known = subprocess.run([uv_newest, *sub, "--help"], check=True, capture_output=True, text=True).stdout
        assert [arg for arg in own if arg.startswith("--") and f"{arg}" not in known] == []


def test_the_image_names_what_it_copies_from() -> None:
    lines = block("An image", "dockerfile").replace("\\\n", " ").splitlines()
    words = [line.split() for line in lines if line and not line.startswith("#")]
    known = {"FROM", "ARG", "ENV", "WORKDIR", "COPY", "RUN", "CMD"}
    assert {word[0] for word in words} <= known
    stages = {word[3] for word in words if word[0] == "FROM" and len(word) > 2}
    assert {w.partition("=")[2] for word in words for w in word if w.startswith("--from=")} == stages
    (command,) = (line.removeprefix("CMD ") for line in lines if line.startswith("CMD "))
    assert json.loads(command)[0] == "python"


@pytest.mark.uv
def test_the_lock_gives_each_variant_its_torch(judge: Judge) -> None:
    from tests.world.closure import leaks
    from tests.world.judge import Selection

    text = re.findall(r"^```toml\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)[1]
    selections = [Selection((extra,)) for extra in ("cpu", "cu128")]
    verdict = judge({"pyproject.toml": text}, selections)
    assert verdict.locked, verdict.error
    for selection in selections:
        for platform, closure in verdict.closures[selection].items():
            assert leaks(closure, selection.extras[0], platform) == ()
