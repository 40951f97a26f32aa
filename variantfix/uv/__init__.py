"""uv's own files and the program: projects, markers, locks. Knows no torch."""
