"""A text without any word that matters is not looked at: no name of the family and no comment of ours is missed."""

from __future__ import annotations

import pytest

from variantfix import check_text
from variantfix.errors import ConfigError
from variantfix.pytorch import catalog
from variantfix.repair.pipeline import plan_texts
from variantfix.settings import Settings

PROJECT = "[project]\nname = 'app'\nversion = '1'\noptional-dependencies = {{ cpu = ['{0}'], cu128 = ['{0}'] }}\n"


@pytest.mark.parametrize("package", sorted(catalog.family()))
def test_every_package_of_the_family_opens_it(package: str) -> None:
    variants = plan_texts({"pyproject.toml": PROJECT.format(package)}, Settings()).variants
    assert [str(variant) for variant in variants] == ["cpu", "cu128"]


def test_it_stays_shut_for_other_packages() -> None:
    assert plan_texts({"pyproject.toml": PROJECT.format("numpy")}, Settings()).variants == ()


def test_our_comments_open_it() -> None:
    with pytest.raises(ConfigError, match="unknown rule 'nonsense'"):
        check_text(PROJECT.format("numpy") + "# variantfix: ignore[nonsense]\n")
