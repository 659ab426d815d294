#!/usr/bin/env bash
# Keeps the ledger's folder on a branch of its own, so that every run of a pipeline finds the same one.
#
#   ledger-branch.sh pull FOLDER [BRANCH]    checks the branch out into FOLDER; a new branch starts empty
#   ledger-branch.sh push FOLDER [BRANCH]    commits what is in FOLDER and pushes it
#
# One apply at a time has to be the pipeline's rule (a concurrency group, a resource group). Should two run all the same,
# the later push is refused: nothing is overwritten, and the job fails.
set -euo pipefail

usage="usage: ledger-branch.sh pull|push FOLDER [BRANCH]"
action="${1:?$usage}"
folder="${2:?$usage}"
branch="${3:-sipform-ledger}"
remote="${LEDGER_REMOTE:-origin}"

pull() {
  if git fetch --quiet --depth 1 "$remote" "+refs/heads/$branch:refs/remotes/$remote/$branch" 2>/dev/null; then
    git worktree add --quiet --force --detach "$folder" "refs/remotes/$remote/$branch"
  elif git ls-remote --exit-code "$remote" >/dev/null; then
    # The remote answers and has no such branch: the first run. A remote that can't be reached must not look like that.
    git worktree add --quiet --force --detach --no-checkout "$folder"
    git -C "$folder" switch --quiet --orphan "sipform-ledger-new-$$"
  else
    echo "the remote $remote can't be read, so nobody knows what the ledger says" >&2
    exit 1
  fi
}

push() {
  # The lock belongs to a process of this machine, not to the team.
  git -C "$folder" add --all --force -- . ':(exclude)*.lock'
  if git -C "$folder" diff --cached --quiet; then
    echo "the ledger is as it was"
    return
  fi
  git -C "$folder" -c user.name=sipform -c user.email=sipform@localhost \
    commit --quiet --message "Record ${CI_JOB_URL:-${GITHUB_RUN_ID:+run $GITHUB_RUN_ID}}"
  git -C "$folder" push --quiet "$remote" "HEAD:refs/heads/$branch"
}

case "$action" in
  pull) pull ;;
  push) push ;;
  *)
    echo "$usage" >&2
    exit 2
    ;;
esac
