"""Write what is predicted of forks into `detect/forks.txt`: `python -m tests.update_forks`. Ask uv, read the diff."""

from __future__ import annotations

from tests.detect.test_forks import FORKS, predictions

if __name__ == "__main__":
    FORKS.write_text("\n".join(f"# {name}\n{told}" for name, told in predictions().items()), encoding="utf-8")
