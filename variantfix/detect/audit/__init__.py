"""What a lock installs for each variant, judged: leaks, gaps, sizes. Reads and runs nothing."""
