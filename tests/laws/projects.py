"""Random projects, built from what the rules look at: data first, and then a style to write it in."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.laws.style import Style, draw_style, render
from variantfix.pytorch import catalog
from variantfix.pytorch.accelerator import from_tag

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

NAMES = {
    "cpu": "cpu",
    "cu124": "cu124",
    "cu128": "cu128",
    "cu118": "cu118",
    "torch-cu130": "cu130",
    "Torch_CU126": "cu126",
    "cuda12-4": "cu124",
    "rocm6.4": "rocm6.4",
    "xpu": "xpu",
    "gpu": "cu128",
}
"""Names of extras and groups, and the accelerator that each is given; `gpu` tells none by itself."""

_COMPANIONS = ("torchvision", "torchaudio", "xformers", "triton", "TorchAO")
_TRITON = {"rocm6.4": "pytorch-triton-rocm", "xpu": "pytorch-triton-xpu"}
_DEPENDENTS = ("accelerate", "peft", "timm", "torchmetrics", "transformers[torch]", "sentence_transformers")
_ORDINARY = ("numpy>=1.26", "requests", "tqdm")
_BOUNDS = ("", ">=2.5.1", ">=2.4,<3", "==2.5.1", ">=2.7", "==2.7.1", "~=2.6", ">=2.9,<2.12")
_LINUX = "sys_platform == 'linux'"
_MARKERS = (_LINUX, "sys_platform == 'linux' or sys_platform == 'win32'", "platform_machine == 'x86_64'")
_MIRROR = "https://packages.example.com/pytorch-wheels/{tag}"
UNTOLD = "https://packages.example.com/builds/of-torch"
"""An index whose URL tells no accelerator."""
_PYTORCH = catalog.PYTORCH_INDEX
_PRIVATE = "https://packages.example.com/simple"


@dataclass(frozen=True)
class Draft:
    """The data of a project's files by name, root first, and the style in which they are written."""

    data: Mapping[str, dict[str, Any]]
    style: Style

    @property
    def texts(self) -> dict[str, str]:
        """The files as texts, in the order of the data."""
        return {file: render(data, self.style) for file, data in self.data.items()}

    def __repr__(self) -> str:
        return "\n".join(f"=== {file}\n{text}" for file, text in self.texts.items())


@dataclass(frozen=True)
class _Variant:
    name: str
    kind: str
    tag: str

    @property
    def index(self) -> str:
        return f"pytorch-{self.tag.replace('.', '')}"

    @property
    def item(self) -> dict[str, str]:
        return {self.kind: self.name}


def drafts() -> st.SearchStrategy[Draft]:
    """Any project or small workspace; what fails shrinks to the plainest of its choices."""
    return st.randoms(use_true_random=False).map(draft)


def draft(random: Random) -> Draft:
    """The project or small workspace that a source of randomness decides."""
    style = draw_style(random)
    if not _chance(random, 15):
        shape = random.choice((_MIRROR, UNTOLD)) if _chance(random, 8) else catalog.PYTORCH_INDEX
        return Draft({"pyproject.toml": _project(random, "app", shape)}, style)
    names = ("core", "server")[: random.choice((1, 2))]
    members = {f"{name}/pyproject.toml": _project(random, name) for name in names}
    root: dict[str, Any] = {"tool": {"uv": {}}} if _chance(random, 50) else _project(random, "app")
    root["tool"]["uv"]["workspace"] = {"members": list(names)}
    return Draft({"pyproject.toml": root, **members}, style)


def draft_mixed(random: Random) -> Draft:
    """A project with variants, and with what stands in their way: torch in the base, default groups, overrides."""
    original = draft(random)
    file = next(iter(original.data))
    data = deepcopy(original.data[file])
    uv = data["tool"]["uv"]
    if "project" in data and _chance(random, 50):
        marker = random.choice(("", f"; {_LINUX}", "; sys_platform != 'darwin'"))
        data["project"]["dependencies"].append(f"torch{random.choice(('', '>=2.6'))}{marker}")
    if data.get("dependency-groups") and _chance(random, 40):
        uv["default-groups"] = [random.choice(list(data["dependency-groups"]))]
    if "torch" in uv.get("sources", {}) and _chance(random, 30):
        index = random.choice(uv["sources"]["torch"])["index"]
        uv["sources"]["torch"].append({"index": index} | random.choice(({}, {"marker": _LINUX})))
    if _chance(random, 15):
        uv["override-dependencies"] = [random.choice(("torch; sys_platform == 'linux'", "torchvision", "torch<2.9"))]
    for lists in (data.get("project", {}).get("optional-dependencies", {}), data.get("dependency-groups", {})):
        if "rocm6.4" in lists and _chance(random, 50):
            lists["rocm6.4"].append(random.choice(("triton-rocm", "pytorch-triton-rocm")))
    return replace(original, data={**original.data, file: data})


def draft_whole(random: Random) -> Draft:
    """A project without variants: torch in the base, with unscoped sources, perhaps divided by markers."""
    tags = random.choice((("cpu",), ("cu128",), ("rocm6.4",), ("xpu",), ("cu128", "cpu"), ("cu124",)))
    variants = [_Variant(tag, "extra", tag) for tag in tags]
    packages = [*_some(random, _COMPANIONS, 2), *_some(random, _DEPENDENTS, 2)]
    base = [f"torch{random.choice(_BOUNDS)}", *(p for p in packages if _chance(random, 60))]
    markers = ["sys_platform == 'linux'", "sys_platform != 'linux'"] if len(tags) > 1 else [random.choice(("", _LINUX))]
    entries = [
        {"index": variant.index} | ({"marker": marker} if marker else {})
        for variant, marker in zip(variants, markers, strict=True)
    ]
    routed = ["torch", *(p for p in packages if p in _COMPANIONS and _chance(random, 40))]
    if _chance(random, 25):
        base = [f"{text}; {_LINUX}" for text in base]
    data: dict[str, Any] = {
        "project": {
            "name": "app",
            "version": "0.1.0",
            "requires-python": ">=3.11",
            "dependencies": base,
            "optional-dependencies": {"images": packages, "cli": ["tqdm"]},
        },
        "dependency-groups": {"dev": ["pytest", *_some(random, ("torch", "torchvision", *_DEPENDENTS), 1, 40)]},
        "tool": {"uv": {"sources": dict.fromkeys(routed, entries), "index": _indexes(random, variants, _PYTORCH)}},
    }
    return Draft({"pyproject.toml": data}, draw_style(random))


def shuffled(original: Draft, random: Random) -> Draft:
    """The same project, with its extras, groups, sources and their entries in another order."""
    return replace(original, data={file: _shuffled(data, random) for file, data in original.data.items()})


def _shuffled(data: dict[str, Any], random: Random) -> dict[str, Any]:
    def mixed(table: Mapping[str, Any]) -> dict[str, Any]:
        return dict(random.sample(list(table.items()), len(table)))

    found = dict(data)
    if extras := data.get("project", {}).get("optional-dependencies"):
        found["project"] = data["project"] | {"optional-dependencies": mixed(extras)}
    if groups := data.get("dependency-groups"):
        found["dependency-groups"] = mixed(groups)
    if sources := data["tool"]["uv"].get("sources"):
        entries = {name: random.sample(each, len(each)) for name, each in sources.items()}
        found["tool"] = data["tool"] | {"uv": data["tool"]["uv"] | {"sources": mixed(entries)}}
    return found


def _chance(random: Random, percent: int) -> bool:
    return random.randrange(100) >= 100 - percent


def _project(random: Random, name: str, shape: str = catalog.PYTORCH_INDEX) -> dict[str, Any]:
    variants = _variants(random)
    packages = ["torch", *_some(random, _COMPANIONS, 2)]
    beside = [*_some(random, _DEPENDENTS, 2), *_some(random, _ORDINARY, 1)]
    extras, groups = _lists(random, variants, packages, beside)
    _add_others(random, extras, groups, variants, name)
    uv = {"conflicts": _conflicts(random, variants)} | _settings(random)
    uv |= {"sources": _sources(random, variants, packages), "index": _indexes(random, variants, shape)}
    project: dict[str, Any] = {
        "name": name,
        "version": "0.1.0",
        "requires-python": ">=3.10",
        "dependencies": [_ORDINARY[0], *_some(random, ("torch", *_DEPENDENTS), 1, 20)],
        "optional-dependencies": extras,
    }
    data: dict[str, Any] = {
        "project": project,
        "dependency-groups": groups,
        "tool": {"uv": {k: v for k, v in uv.items() if v}},
    }
    if _chance(random, 10):
        data["build-system"] = {"requires": ["uv_build>=0.8,<1"], "build-backend": "uv_build"}
    if _chance(random, 10):
        data["tool"]["variantfix"] = {"isolation": random.choice(("markers", "sources"))}
    return data


def _variants(random: Random) -> list[_Variant]:
    names = random.sample(list(NAMES), random.choice((2, 2, 3, 4, 1)))
    kinds = random.choice((("extra",), ("extra",), ("group",), ("extra", "group")))
    return [_Variant(name, random.choice(kinds), NAMES[name]) for name in names]


def _some(random: Random, words: tuple[str, ...], most: int, percent: int = 60) -> list[str]:
    return random.sample(words, random.randrange(most) + 1) if _chance(random, percent) else []


def _lists(
    random: Random, variants: list[_Variant], packages: list[str], beside: list[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    open_to_all = [b for b in _BOUNDS if all(catalog.is_hosted("torch", v.tag, b) for v in variants)]
    bound = random.choice(_BOUNDS if _chance(random, 10) else open_to_all)
    found: dict[str, dict[str, Any]] = {"extra": {}, "group": {}}
    for variant in variants:
        own = random.choice(_BOUNDS) if _chance(random, 15) else bound
        kept = [package for package in packages if not _chance(random, 15)]
        kept = kept if "torch" in kept or "torchaudio" not in kept else ["torch", *kept]
        named = [f"{package}{own if package == 'torch' else ''}" for package in kept]
        if variant.tag in _TRITON and _chance(random, 30):
            named.append(_TRITON[variant.tag])
        if _chance(random, 8) and own.startswith("=="):
            named = [f"{text}+{variant.tag}" if "==" in text else text for text in named]
        if _chance(random, 8):
            named = [f"{text}; {_LINUX}" for text in named]
        found[variant.kind][variant.name] = named + [name for name in beside if not _chance(random, 15)]
    return found["extra"], found["group"]


def _add_others(
    random: Random, extras: dict[str, Any], groups: dict[str, Any], variants: list[_Variant], name: str
) -> None:
    """Add lists that are no variants: features, aliases, development groups."""
    if _chance(random, 30):
        extras["train"] = _some(random, _DEPENDENTS, 2) or ["tqdm"]
    if _chance(random, 30):
        groups["dev"] = ["pytest", *_some(random, ("torch", "torchvision", *_DEPENDENTS), 1, 40)]
    referred = random.choice(variants)
    if _chance(random, 20):
        if referred.kind == "extra":
            extras["all"] = [f"{name}[{referred.name}]", *_some(random, _ORDINARY, 1, 30)]
        else:
            groups["full"] = [{"include-group": referred.name}, *_some(random, _ORDINARY, 1, 30)]
    if _chance(random, 5) and "train" in extras:
        extras["everything"] = [f"{name}[{','.join(n for n in extras if n in ('train', variants[0].name))}]"]


def _conflicts(random: Random, variants: list[_Variant]) -> list[list[dict[str, str]]]:
    items = [variant.item for variant in variants]
    if len(items) < 2 or _chance(random, 35):
        return []
    pairs = [[a, b] for number, a in enumerate(items) for b in items[number + 1 :]]
    dummy = [[*items, {"extra": "none"}]]
    partial = [items[:-1]] if len(items) > 2 else [items]
    return random.choice(([items], [items], [items], pairs, partial, pairs[1:], dummy))


def _sources(random: Random, variants: list[_Variant], packages: list[str]) -> dict[str, list[dict[str, str]]]:
    if _chance(random, 15):
        return {}
    listed = [*packages, *(["torchvision"] if _chance(random, 15) else [])]
    listed += [_TRITON[variant.tag] for variant in variants if variant.tag in _TRITON and _chance(random, 30)]
    found = {each: _entries(random, variants, each) for each in dict.fromkeys(listed) if not _chance(random, 15)}
    return {package: entries for package, entries in found.items() if entries}


def _entries(random: Random, variants: list[_Variant], package: str) -> list[dict[str, str]]:
    found = []
    for variant in variants:
        hosts = catalog.family()[package.lower()].kinds
        accelerator = from_tag(variant.tag)
        assert accelerator is not None
        if accelerator.kind not in hosts or _chance(random, 10):
            continue
        entry = {"index": variant.index} | variant.item
        if accelerator.marker and not _chance(random, 25):
            entry["marker"] = accelerator.marker
        found.append(_odd(random, entry, variant) if _chance(random, 12) else entry)
    return found


def _odd(random: Random, entry: dict[str, str], variant: _Variant) -> dict[str, str]:
    """An entry with one thing wrong, or unusual."""
    index = {"index": variant.index}
    return random.choice(
        (
            index,
            index | {"marker": _LINUX},
            index | {"marker": f"extra == '{variant.name}'"},
            entry | {"marker": random.choice(_MARKERS)},
            {**index, variant.kind: variant.name.upper()},
            {**index, "group" if variant.kind == "extra" else "extra": variant.name},
        )
    )


def _indexes(random: Random, variants: list[_Variant], shape: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for tag in dict.fromkeys(variant.tag for variant in variants):
        if _chance(random, 12):
            continue
        index: dict[str, Any] = {"name": f"pytorch-{tag.replace('.', '')}", "url": shape.format(tag=tag)}
        if _chance(random, 2):
            index["url"] = catalog.PYTORCH_INDEX.format(tag="cpu")
        found.append(index if _chance(random, 8) else index | {"explicit": True})
    if _chance(random, 10):
        found.append({"name": "private", "url": _PRIVATE, "default": True})
    return found


def _settings(random: Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if _chance(random, 12):
        found["required-version"] = random.choice((">=0.5.8", ">=0.4", ">=0.7"))
    if _chance(random, 6):
        found["override-dependencies"] = [random.choice(("torch==2.7.1", "numpy>=1.26"))]
    if _chance(random, 6):
        found["constraint-dependencies"] = ["numpy>=1.26"]
    if _chance(random, 6):
        found["fork-strategy"] = "requires-python"
    if _chance(random, 6):
        found["environments"] = [_LINUX]
    return found
