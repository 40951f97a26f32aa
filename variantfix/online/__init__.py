"""Package indexes over HTTP: pages, and metadata without wheels. Knows no torch, and no project."""
