"""Accelerators, and where their names are written: index URLs, local versions, wheel URLs, extras.

An accelerator is what a torch build is compiled for, named by the tag of its PyTorch index: `cpu`, `cu128`,
`rocm6.4`, `xpu`. Source: the PyTorch index layout, https://download.pytorch.org/whl/<tag>. How tags are spelt is
`variantfix.pytorch.spelling`'s to know.
"""

from __future__ import annotations

import re

from variantfix.memo import kept
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import catalog
from variantfix.pytorch.spelling import FILLERS, JETSON, kind_of, tags_in
from variantfix.uv.markers import LINUX, MACOS, WINDOWS

_TAG = re.compile(r"cpu|xpu|cu(?:\d{3}|[2-9]\d)|rocm\d+(?:\.\d+)+")  # CUDA 7.5 to 9.2 had two digits
_LOCAL = re.compile(r"\+(cpu|xpu|cu\d{2,3}|rocm\d+(?:\.\d+)*)((?:\.git|_git|\.dev|\.lw)[\w.]*)?(?![\w.])")
_PYTORCH_HOST = "://download.pytorch.org/"
_ROCM_RELEASE = re.compile(r"rocm-rel-(\d+(?:\.\d+)*)")
_VENDORS = (
    (re.compile(r"://[^/]*jetson"), "NVIDIA Jetson"),
    (re.compile(r"://[^/]*\.(?:amd|radeon)\.com/"), "AMD"),
)

_VAGUE_NAMES = frozenset({"gpu", "accelerator", "accel", "cuda", "nvidia", "rocm", "amd", "hip"})
_AMD_NAMES = frozenset({"amd", "hip"})
_EXAMPLES = {"cu11": "cu118", "cu13": "cu130", "cuda": "cu128", "rocm6": "rocm6.4", "rocm": "rocm7.2"}
"""A tag for those of which only the kind, or the first part of the version, is told."""


class Accelerator(NamedTuple):
    """One accelerator: the tag of its index, and its kind (`cpu`, `cuda`, `rocm`, `xpu`).

    Where only the kind is told, the tag is the word that told it: `cu12`, `rocm`, `gfx1151`. `vendor` is who builds
    it, where that is not PyTorch.
    """

    tag: str
    kind: str
    vendor: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether its version is told, not its kind alone."""
        return _is_tag(self.tag)

    @property
    def is_pytorchs(self) -> bool:
        """Whether PyTorch's own index of its tag is where its builds come from."""
        return self.is_exact and not self.vendor

    @property
    def index_url(self) -> str:
        """The URL of its PyTorch index."""
        return catalog.PYTORCH_INDEX.format(tag=self.tag)

    @property
    def systems(self) -> tuple[str, ...]:
        """The `sys_platform` values for which its index has a torch."""
        return (LINUX,) if self.vendor == JETSON else _systems(self.tag, self.kind)

    @property
    def marker(self) -> str:
        """The marker of its platforms; empty where its index serves them all."""
        if MACOS in self.systems:
            return ""
        if self.vendor == JETSON:
            return f"sys_platform == '{LINUX}' and platform_machine == 'aarch64'"
        return " or ".join(f"sys_platform == '{system}'" for system in self.systems)

    @property
    def example(self) -> str:
        """A tag of its kind, for hints."""
        return self.tag if self.is_exact else _EXAMPLES.get(self.tag, _EXAMPLES.get(self.kind, self.kind))

    def agrees(self, other: Accelerator) -> bool:
        """Whether one can be a shorter word for the other: rocm6.4 for rocm6.4.1, cu12 for cu128."""
        if self.kind != other.kind:
            return False
        short, long = sorted((self.tag, other.tag), key=len)
        if short == long or (self.kind == "rocm" and self.is_exact and other.is_exact):
            return short == long or long.startswith(f"{short}.")
        vague = [each.tag for each in (self, other) if not each.is_exact]
        return bool(vague) and (long.startswith(short) or not all(re.fullmatch(r"cu\d+|rocm\d*", t) for t in vague))


@kept
def _is_tag(text: str) -> bool:
    return _TAG.fullmatch(text) is not None


@kept
def _systems(tag: str, kind: str) -> tuple[str, ...]:
    if kind == "cpu":
        return LINUX, WINDOWS, MACOS
    build = catalog.builds().get(tag)
    if build is not None and build.platforms:
        windows = any(platform.startswith("win") for platform in build.platforms)
    else:
        windows = kind != "rocm"
    return (LINUX, WINDOWS) if windows else (LINUX,)


def from_tag(tag: str) -> Accelerator | None:
    """The accelerator of an index tag such as `cu128`; None for anything else."""
    return Accelerator(tag, kind_of(tag)) if _is_tag(tag) else None


@kept
def from_url(url: str) -> Accelerator | None:
    """The accelerator that the URL of an index or a wheel names: PyTorch's own, its mirrors', vendors'.

    The last tag in the path decides: `.../whl/nightly/cu128`, `.../pytorch-wheels/cu118/`, `.../pytorch/cuda-12.8/`,
    `.../whl/cu130/torch-2.9.1%2Bcu130-cp312-…`. AMD's `.../v2/gfx1151/` and `.../rocm/whl/` tell the kind alone.
    """
    clean = url.partition("#")[0].lower().replace("%2b", "+")
    vendor = next((name for pattern, name in _VENDORS if pattern.search(clean)), "")
    path = clean.partition("://")[2].partition("/")[2]
    if release := _ROCM_RELEASE.search(path):
        return _accelerator(tags_in(f"rocm{release[1]}"), vendor)
    if not path.endswith(".whl"):
        return _accelerator(tags_in(path), vendor)
    folder, _, wheel = path.rpartition("/")
    return _accelerator(tags_in(folder), vendor) or from_local_version("==" + wheel.partition("-")[2].partition("-")[0])


def _accelerator(tags: tuple[str, ...], vendor: str = "") -> Accelerator | None:
    """The last exact tag's, else the last one's."""
    exact = [tag for tag in tags if _is_tag(tag)]
    if not tags:
        return None
    tag = (exact or tags)[-1]
    if any(re.fullmatch(r"jp\d|jetson", other) for other in tags):
        vendor = JETSON
    return Accelerator(tag, kind_of(tag), vendor)


@kept
def is_pytorch_layout(url: str) -> bool:
    """Whether an index is PyTorch's own or a mirror of it: the tag is the last part of its path.

    Vendors lay out theirs in other ways, and put other packages into it.
    """
    path = re.sub(r"/(?:\+?simple)?/?$", "", url.partition("#")[0])
    return from_name(path.rsplit("/", 1)[-1]) is not None and not any(p.search(url) for p, _ in _VENDORS)


def is_from_pytorch(url: str) -> bool:
    """Whether an index stands on PyTorch's own host."""
    return _PYTORCH_HOST in url


def is_pytorchs(name: str, url: str) -> bool:
    """Whether an index is PyTorch's or a mirror of it by its layout, and speaks of torch.

    Others that end in an accelerator have packages of their own.
    """
    return is_from_pytorch(url) or (is_pytorch_layout(url) and "torch" in f"{name} {url}".lower())


@kept
def from_local_version(specifier: str) -> Accelerator | None:
    """The accelerator of a local version in a specifier: `==2.6.0+cu124`.

    More than a tag (`+rocm6.4.1.git1ded221d`) is a vendor's build: PyTorch's index does not have it.
    """
    found = _LOCAL.search(specifier.lower())
    return _accelerator(tags_in(found[1]), "AMD" if found[2] else "") if found else None


@kept
def from_name(name: str) -> Accelerator | None:
    """The one accelerator that an extra's or group's or index's name tells: `torch-cu128`, `cuda12.4`, `rocm6.4`.

    None where it tells none, more than one, or only a kind (`gpu`, `cuda`, `cu12`).
    """
    found = {tag for tag in tags_in(name.lower()) if _is_tag(tag)}
    return _accelerator(tags_in(name.lower())) if len(found) == 1 else None


@kept
def from_scope_name(name: str) -> Accelerator | None:
    """The accelerator of an extra's or group's name that speaks of nothing else: `cpu`, `torch-cu128`, `cuda12.4`.

    Of `cu12`, `rocm` or `jp6` the kind is known alone. `image-cpu` is a feature that runs on CPUs, not a build of
    torch.
    """
    words = re.split(r"[-_.]+", name.lower())
    tags = tags_in(name.lower())
    if len({tag for tag in tags if _is_tag(tag)}) > 1 or not all(map(_is_of_accelerators, words)):
        return None
    return _accelerator(tags)


def _is_of_accelerators(word: str) -> bool:
    return bool(re.fullmatch(r"(?:cu|cuda|rocm|ubi)?\d*", word)) or word in FILLERS or bool(tags_in(word))


@kept
def is_vague(name: str) -> bool:
    """Whether a name speaks of an accelerator without telling which: `gpu`, `cuda`, `cuda12`, `rocm`."""
    words = [re.sub(r"\d+$", "", word) for word in re.split(r"[-_.]+", name.lower())]
    return from_name(name) is None and any(word in _VAGUE_NAMES for word in words)


def tag_like(name: str) -> str:
    """A tag of the kind that a vague name speaks of, for hints: `cu128` for `gpu`, `rocm7.2` for `amd`."""
    if told := _accelerator(tags_in(name.lower())):
        return told.example
    return _EXAMPLES["rocm" if _AMD_NAMES & set(re.split(r"[-_.\d]+", name.lower())) else "cuda"]


def without_local(specifier: str) -> str:
    """A specifier or requirement without local versions: `==2.6.0+cu124` is `==2.6.0`."""
    return re.sub(r"(\d)\+[\w.]+", r"\1", specifier)
