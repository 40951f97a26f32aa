"""The types of findings, fixes, rules and plans."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Literal

from variantfix.namedtuple import NamedTuple
from variantfix.toml.region import START, Region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.certainty import Certainty
    from variantfix.toml import Edit
    from variantfix.uv.project import Place


_DOUBT: Mapping[Certainty, str] = {"seen": "", "announced": ", as announced", "inferred": ", as far as is known"}


class Severity(Enum):
    """How bad a finding is: an error locks or installs a wrong build, a warning is a trap."""

    ERROR = "error"
    WARNING = "warning"


class Safety(Enum):
    """Whether `apply` may do a fix by itself.

    An unsafe fix changes what the published package requires, or what the user may have meant.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"


class Fix(NamedTuple):
    """What mends a finding: a title in the imperative, and edits in the order in which they are done.

    A fix that is `last` waits until no other is left to do: what it should do depends on them. One that `moves` gives
    selections outside the variants another build, one that `takes` takes packages from them, and no more; the title
    says so.
    """

    title: str
    edits: tuple[Edit, ...]
    safety: Safety = Safety.SAFE
    last: bool = False
    moves: bool = False
    takes: bool = False

    @property
    def announces(self) -> bool:
        """Whether its title says what changes outside the variants."""
        return self.moves or self.safety is Safety.UNSAFE


class Finding(NamedTuple):
    """One failure at one place. `fix` is None where there is none, and `advice` then says what to do.

    `at` is its file and key path, `region` where that stands in the text. `packages` are those that it is about: by
    them and the variants, what a lock holds finds what explains it.
    """

    rule: str
    severity: Severity
    message: str
    at: Place
    variants: tuple[str, ...] = ()
    fix: Fix | None = None
    advice: str = ""
    packages: tuple[str, ...] = ()
    region: Region = START

    @property
    def file(self) -> str:
        """The name of the file it is in."""
        return self.at.file

    @property
    def line(self) -> int:
        """The line it begins on, from 1."""
        return self.region.line

    @property
    def column(self) -> int:
        """The column it begins at, from 1, in code points."""
        return self.region.column


class Rule(NamedTuple):
    """A rule: its name, which is its file's, its page (Markdown, the file's docstring), and its check.

    `remedy` is the best that its findings can have: a safe fix, an unsafe one, or a report of what to do.
    """

    name: str
    severity: Severity
    page: str
    check: Callable[[Context], Iterator[Finding]]
    remedy: Literal["safe", "unsafe", "report"] = "report"

    @property
    def summary(self) -> str:
        """The first paragraph of its page, on one line."""
        return self.page.strip().partition("\n\n")[0].replace("\n", " ")

    @property
    def body(self) -> str:
        """Its page without the last line, which names threads."""
        return self._parted[0]

    @property
    def threads(self) -> tuple[str, ...]:
        """The addresses of the threads that its page's last line names: `Threads: owner/repository#1, #2`."""
        repository, found = "", []
        for word in filter(None, map(str.strip, self._parted[1].split(","))):
            named, _, number = word.partition("#")
            repository = named or repository
            found.append(f"https://github.com/{repository}/issues/{number}")
        return tuple(found)

    @property
    def _parted(self) -> tuple[str, str]:
        body, _, threads = self.page.partition("\nThreads: ")
        return body.strip(), threads.strip()

    def finding(
        self,
        message: str,
        at: Place,
        *,
        variants: Iterable[object] = (),
        packages: tuple[str, ...] = (),
        fix: Fix | None = None,
        advice: str = "",
        severity: Severity | None = None,
        known: Certainty = "seen",
    ) -> Finding:
        """A finding of this rule on some variants, or their names; of its severity unless another is given.

        `known` is how sure the facts about PyTorch are on which it rests: where they were not seen it is at most a
        warning, and its message says so.
        """
        names = tuple(map(str, variants))
        severity = (severity or self.severity) if known == "seen" else Severity.WARNING
        return Finding(self.name, severity, f"{message}{_DOUBT[known]}", at, names, fix, advice, packages)


class Plan(NamedTuple):
    """What is to be done to a workspace, with the variants that were found in it.

    `found` are the findings on the files as they are; `repaired` those that the edits mend, also the ones that only
    another fix brought up; `remaining` those that stay, for want of a fix or of leave to do it; `ignored` those that
    a comment in the files takes out; `raised` those among the repaired and remaining that only another repair brings
    up. `unknown` counts the packages beside the variants of which nothing tells whether they bring torch. `stale` is
    what the uv.lock beside the files and they disagree about, empty where it is theirs, None where none was asked.
    """

    variants: tuple[Variant, ...]
    found: tuple[Finding, ...]
    edits: tuple[Edit, ...] = ()
    repaired: tuple[Finding, ...] = ()
    remaining: tuple[Finding, ...] = ()
    ignored: tuple[Finding, ...] = ()
    raised: tuple[Finding, ...] = ()
    unknown: int = 0
    stale: str | None = None
