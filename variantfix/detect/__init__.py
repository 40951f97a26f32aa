"""Where uv's files and PyTorch's facts meet: variants, their closures, what they share, what leaks."""
