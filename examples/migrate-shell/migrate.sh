#!/bin/sh
# Repair some checkouts, each on a branch of its own.
set -u
failed=""
for repository in "$@"; do
    # 1 says that findings are left for a person to decide; the rest was repaired all the same.
    variantfix apply --quiet "$repository"
    if [ $? -gt 1 ]; then
        failed="$failed $repository"
    elif ! git -C "$repository" diff --quiet; then
        git -C "$repository" switch --quiet --create variantfix &&
            git -C "$repository" commit --quiet --all --message "Keep the PyTorch variants apart" ||
            failed="$failed $repository"
    fi
done
if [ -n "$failed" ]; then
    echo "failed:$failed" >&2
    exit 1
fi
