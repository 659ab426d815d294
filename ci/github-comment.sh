#!/usr/bin/env bash
# Puts a Markdown report on a pull request: into the comment that begins with the same line, which names the command and
# the job, or into a new one where there is none yet. Reads GH_TOKEN, GITHUB_REPOSITORY, PULL_REQUEST and REPORT.
set -euo pipefail

marker="$(head -n 1 "$REPORT")"
comments="repos/${GITHUB_REPOSITORY:?}/issues/${PULL_REQUEST:?}/comments"
# Only a comment of a bot: a person who quotes the marker keeps their words.
found="$(MARKER="$marker" gh api --paginate "$comments" \
  --jq '.[] | select(.user.type == "Bot" and (.body | startswith(env.MARKER))) | .id' | head -n 1)"
if [ -n "$found" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$found" --field "body=@$REPORT" --silent
  echo "updated comment $found"
else
  gh api --method POST "$comments" --field "body=@$REPORT" --silent
  echo "made a comment"
fi
