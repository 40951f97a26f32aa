"""The CUDA libraries that torch builds for CUDA require."""

from __future__ import annotations

import re
from functools import cache

from variantfix.pytorch.tables import read


@cache
def _cuda_libraries() -> frozenset[str]:
    return frozenset(read("indexes.json")["cuda_libraries"]["names"])


def is_cuda_library(name: str) -> bool:
    """Return whether a package is one of the CUDA libraries that torch builds for CUDA require.

    So are nvidia-cublas-cu12, nvidia-cublas and cuda-bindings; nvidia-ml-py and cuda-python are not. Other
    packages can require these libraries too (xgboost: nvidia-nccl-cu12), so the path to one tells whose it
    is.
    """
    stem, _, suffix = name.rpartition("-")
    has_suffix = name.startswith("nvidia-") and suffix[:2] == "cu" and suffix[2:].isdecimal()
    return (stem if has_suffix else name) in _cuda_libraries()


def cuda_major_of(name: str) -> str:
    """Return the CUDA major that a package's name is bound to, as far as it is a library of CUDA; else nothing.

    So is 12 that of nvidia-cublas-cu12, cudf-cu12 and cupy-cuda12x; CUDA 13's own libraries have no suffix.
    """
    found = re.fullmatch(r".+-cu(?:da)?(1\d)x?", name)
    if found:
        return found[1]
    return "13" if name.startswith("nvidia-") and is_cuda_library(name) else ""
