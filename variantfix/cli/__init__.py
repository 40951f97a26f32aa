"""The command line: argv in, an exit code out."""
