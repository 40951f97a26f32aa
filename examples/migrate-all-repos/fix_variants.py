"""An all-repos fixer that keeps the PyTorch variants of each repository apart."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from all_repos import autofix_lib
from all_repos.grep import repos_matching

if TYPE_CHECKING:
    from all_repos.config import Config


def find_repos(config: Config) -> set[str]:
    """The repositories that have something to do with torch."""
    return repos_matching(config, ("torch", "--", "*pyproject.toml"))


def apply_fix() -> None:
    """Repair the repository in the current folder; 1 says that some of it is left to a person."""
    done = autofix_lib.run(sys.executable, "-m", "variantfix", "apply", ".", check=False)
    if done.returncode > 1:
        raise SystemExit(f"variantfix failed with {done.returncode}")


def main() -> None:
    """Go over the repositories, as the command line says."""
    parser = argparse.ArgumentParser()
    autofix_lib.add_fixer_args(parser)
    args = parser.parse_args()
    repos, config, commit, settings = autofix_lib.from_cli(
        args, find_repos=find_repos, msg="Keep the PyTorch variants apart", branch_name="variantfix"
    )
    autofix_lib.fix(repos, apply_fix=apply_fix, config=config, commit=commit, autofix_settings=settings)


if __name__ == "__main__":
    main()
