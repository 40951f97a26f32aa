"""Proof by uv: a scratch copy, a real lock, its audit, and the loop of `apply --verify`."""
