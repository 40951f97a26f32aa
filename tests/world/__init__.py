"""An offline world of package indexes, and a judge that asks the real uv what a project installs there."""
