#!/bin/sh
# Opens a pull request for the branch that was pushed; runs in the clone. This one is for GitHub's `gh`.
set -eu
repository=$(printf '%s' "$VARIANTFIX_URL" | sed -E 's,^(ssh://|https://|git@)([^/@]*@)?,,; s,:,/,; s,\.git$,,')
exec gh pr create --repo "$repository" --head "$VARIANTFIX_BRANCH" --title "$VARIANTFIX_TITLE" \
    --body "$(git log -1 --format=%b)"
