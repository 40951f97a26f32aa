"""The laws of the whole tool, held over random projects, real files and the real uv."""
