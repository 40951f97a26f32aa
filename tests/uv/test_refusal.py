"""What kept uv from an answer, by its own words, shortened."""

from __future__ import annotations

import pytest

from variantfix.uv.refusal import trouble

NO_CONNECTION = (
    "  cause: client error (Connect)\n  cause: tcp connect error\n  cause: Connection refused (os error 111)"
)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        pytest.param(
            "error: Request failed after 3 retries in 7.5s\n  cause: Failed to download `https://github.com/astral-sh/"
            "python-build-standalone/releases/download/20251031/cpython-3.9.25.tar.gz`\n  cause: error sending "
            f"request for url (https://github.com/)\n{NO_CONNECTION}",
            "could not download a Python",
            id="a Python's download",
        ),
        pytest.param(
            "error: Failed to download `https://mirror.example.com/20251031/cpython-3.9.25-x86_64.tar.gz`\n"
            + NO_CONNECTION,
            "could not download a Python",
            id="a Python's download from a mirror",
        ),
        pytest.param(
            "error: No interpreter found for Python >=3.99 in managed installations or search path",
            "found no Python that the project admits",
            id="no Python",
        ),
        pytest.param(
            "error: Failed to download and build `b @ git+https://127.0.0.1:9/b.git`\n  cause: Git operation failed\n"
            "  fatal: unable to access 'https://127.0.0.1:9/b.git/': Connection refused",
            "could not fetch a git dependency",
            id="a repository that is not reached",
        ),
        pytest.param(
            "error: Failed to download and build `b @ git+file:///r@nope`\n  cause: Git operation failed\n"
            "  cause: failed to fetch branch or tag `nope`",
            "could not fetch a git dependency",
            id="a tag that is not there",
        ),
        pytest.param(
            f"error: Failed to download `b @ https://127.0.0.1:9/b-1-py3-none-any.whl`\n{NO_CONNECTION}",
            "could not fetch a dependency by its URL",
            id="a URL",
        ),
        pytest.param(
            "error: No solution found when resolving dependencies\n\nhint: An index URL (http://h/simple) could not be "
            "queried due to a lack of valid authentication credentials (401 Unauthorized)",
            "was not let in by an index",
            id="no credentials",
        ),
        pytest.param(
            "error: No solution found\n\nhint: An index (http://h/simple) returned a 403 Forbidden error.",
            "was not let in by an index",
            id="wrong credentials",
        ),
        pytest.param(
            "error: Failed to build `b @ file:///b`\n  cause: Building source distributions for `b` is disabled",
            "would have to build something, which is forbidden",
            id="builds are forbidden",
        ),
        pytest.param(
            "error: Failed to build `b @ file:///b`\n  cause: The build backend returned an error",
            "could not build a source distribution",
            id="a build fails",
        ),
        pytest.param(
            f"error: Failed to fetch: http://127.0.0.1:9/simple/b/\n{NO_CONNECTION}",
            "could not reach an index",
            id="an index",
        ),
        pytest.param(
            "error: Failed to fetch: http://h/simple/b/\n  cause: HTTP status server error (500 Internal Server Error)",
            "could not reach an index",
            id="an index that fails",
        ),
        pytest.param(
            "hint: Packages were unavailable because the network was disabled.",
            "could not reach an index",
            id="offline",
        ),
        pytest.param(
            "error: No solution found when resolving dependencies\n  cause: Because b was not found in the registry",
            "",
            id="a refusal",
        ),
        pytest.param("Requirements contain conflicting indexes for package `torch`", "", id="another refusal"),
    ],
)
def test_what_kept_uv(words: str, what: str) -> None:
    found = trouble(words)
    assert (found.what if found else "") == what
    assert found is None or found.hint
