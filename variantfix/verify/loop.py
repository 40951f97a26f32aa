"""Verifying a project: by the lock at hand, by a fresh one, and before a repair is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from variantfix import disk, projects
from variantfix.detect.audit.lines import leak_lines
from variantfix.detect.audit.matrix import Matrix, make_matrix
from variantfix.detect.beside import Evidence, LockFile
from variantfix.errors import InputError, VerifyError
from variantfix.pytorch import catalog
from variantfix.repair import pipeline
from variantfix.repair.plan import context
from variantfix.uv.program import Uv, find_uv, lock
from variantfix.uv.scratch import scratch_copy
from variantfix.verify.words import rules_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from variantfix.detect.context import Context
    from variantfix.repair.pipeline import Repair, RepairTexts
    from variantfix.settings import Settings

_MOST_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a lock holds for a project's variants.

    `lock` says which lock: a path, or the uv that made one. `stale` says what it and the files disagree about.
    """

    path: str
    lock: str
    stale: str
    variants: int
    matrix: Matrix

    @property
    def isolated(self) -> bool:
        """Whether nothing leaks in a lock of these files; a stale one proves nothing."""
        return not (self.stale or self.matrix.leaking)

    def _repr_html_(self) -> str:
        """How a notebook shows it."""
        return self.matrix._repr_html_()


def verify(path: str, settings: Settings, *, fresh: bool = False, no_build: bool = False) -> Verdict:
    """Walk the closures of the project that a path means, in its lock, or in a fresh one that uv makes.

    Raises `InputError` where the project or its lock cannot be read, `VerifyError` where uv makes no lock.
    """
    texts = projects.read(path)
    data, settings = pipeline.load_all(texts, settings)
    root = next(iter(texts))
    ctx = context(data, settings)
    count = len(ctx.routed)
    if not count:
        return Verdict(root, "", "", 0, Matrix((), 0))
    if fresh:
        uv = find_uv()
        made = _lock(texts, uv, no_build=no_build)
        return Verdict(root, str(uv), "", count, make_matrix(ctx, made.lock))
    beside = disk.read_lock(root)
    if beside is None:
        _check_is_root(root)
        raise InputError(f"{root}: there is no uv.lock beside it", hint="--lock makes one in a scratch copy")
    found = LockFile(beside)
    stale = found.staleness(ctx.workspace)
    return Verdict(root, str(Path(root).with_name(disk.LOCK)), stale, count, make_matrix(ctx, found.lock))


def repair_verified(
    texts: Mapping[str, str],
    settings: Settings,
    evidence: Evidence,
    *,
    no_build: bool = False,
    repair_by: RepairTexts = pipeline.repair_texts,
    only: str = "",
) -> Repair:
    """Repair as `repair_by` does, and have uv lock what comes out, until nothing leaks.

    What a lock still leaks goes back into the plan by its graph, which knows packages that the catalogue does not.
    Raises `VerifyError` where uv refuses, or where a leak remains.
    """
    repair = repair_by(texts, settings, evidence, only=only)
    if not _context(repair.after, settings).routed:
        return repair
    uv = find_uv()
    for number in range(1, _MOST_ROUNDS + 1):
        made = _lock(repair.after, uv, no_build=no_build)
        matrix = make_matrix(_context(repair.after, settings), made.lock)
        if not matrix.leaking:
            rounds = f" in round {number}" if number > 1 else ""
            return repair._replace(proof=f"{uv} locks it{rounds}, and none of {matrix.walked} closures leaks")
        again = repair_by(texts, settings, evidence._replace(made=made), only=only)
        if again.after == repair.after:
            break
        repair = again
    return _upgraded(repair, settings, uv, matrix, no_build=no_build)


def _upgraded(repair: Repair, settings: Settings, uv: Uv, matrix: Matrix, *, no_build: bool) -> Repair:
    """The repair, where only the old uv.lock keeps a leak: uv lets a lock be that still fits its file.

    Raises `VerifyError` where the leak remains.
    """
    leaking = {leak.package for cell in matrix.leaking for leak in cell.leaks}
    packages = sorted(leaking & catalog.family().keys())
    if not packages or disk.read_lock(next(iter(repair.after))) is None:
        raise _leaks_remain(uv, repair, matrix)
    made = _lock(repair.after, uv, no_build=no_build, upgrade=packages)
    if make_matrix(_context(repair.after, settings), made.lock).leaking:
        raise _leaks_remain(uv, repair, matrix)
    words = " ".join(f"--upgrade-package {package}" for package in packages)
    return repair._replace(proof=f"{uv} locks it, and nothing leaks once the old lock is left behind: uv lock {words}")


def _context(texts: Mapping[str, str], settings: Settings) -> Context:
    return context(*pipeline.load_all(texts, settings))


def _lock(texts: Mapping[str, str], uv: Uv, *, no_build: bool, upgrade: Iterable[str] = ()) -> LockFile:
    _check_is_root(next(iter(texts)))
    try:
        with scratch_copy(texts) as folder:
            lock(uv, folder, no_build=no_build, upgrade=upgrade)
            return LockFile((folder / disk.LOCK).read_bytes().decode())
    except VerifyError as error:
        if error.hint or not (rules := rules_for(error.words)):
            raise
        hint = f"{_explain(rules)} may help"
        raise VerifyError(str(error), hint=hint, words=error.words) from None


def _explain(rules: tuple[str, ...]) -> str:
    return " and ".join(f"`variantfix explain {rule}`" for rule in rules)


def _check_is_root(root: str) -> None:
    """Raise `InputError` for a member of a workspace above it: uv locks the whole workspace."""
    if root != disk.STDIN and (above := projects.workspace_above(Path(root))):
        raise InputError(f"{root}: it is a member of the workspace at {above.parent}", hint="name that folder")


def _leaks_remain(uv: Uv, repair: Repair, matrix: Matrix) -> VerifyError:
    names = tuple(dict.fromkeys(finding.rule for finding in repair.plan.remaining))
    hint = f"{_explain(names)} may help" if names else "nothing was written"
    count = len(matrix.leaking)
    closures = f"{count} of {matrix.walked} closures {'leaks' if count == 1 else 'leak'}"
    return VerifyError(f"{uv} locks it, but {closures} still", hint=hint, words="\n".join(leak_lines(matrix.cells)))
