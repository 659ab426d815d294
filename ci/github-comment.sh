#!/usr/bin/env bash
# Puts a report on a pull request: into the comment that carries its marker, or a new one where there is none yet.
# Reads GH_TOKEN, GITHUB_REPOSITORY, PULL_REQUEST, MARKER and REPORT.
set -euo pipefail

body="$(mktemp)"
trap 'rm -f "$body"' EXIT
{
  printf '%s\n' "$MARKER"
  cat "$REPORT"
} >"$body"

comments="repos/${GITHUB_REPOSITORY:?}/issues/${PULL_REQUEST:?}/comments"
# Only a comment of a bot: a person who quotes the marker keeps their words.
found="$(MARKER="$MARKER" gh api --paginate "$comments" \
  --jq '.[] | select(.user.type == "Bot" and (.body | startswith(env.MARKER))) | .id' | head -n 1)"
if [ -n "$found" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$found" --field "body=@$body" --silent
  echo "updated comment $found"
else
  gh api --method POST "$comments" --field "body=@$body" --silent
  echo "made a comment"
fi
