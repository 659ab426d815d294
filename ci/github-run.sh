#!/usr/bin/env bash
# Runs one sipform command for action.yml: reports to files, the Markdown one to the step summary, annotations to the log.
set -euo pipefail

reports="${RUNNER_TEMP:?}/sipform-$INPUT_COMMAND"
mkdir -p "$reports"

lines() { while IFS= read -r line; do [ -z "$line" ] || printf '%s\n' "$line"; done <<<"$1"; }

arguments=("$INPUT_COMMAND")
case "$INPUT_COMMAND" in
  validate | drift) ;;
  plan)
    arguments+=(--detailed-exitcode)
    [ -z "$INPUT_PLAN_FILE" ] || arguments+=(--out "$INPUT_PLAN_FILE")
    ;;
  apply)
    if [ -n "$INPUT_PLAN_FILE" ]; then arguments+=("$INPUT_PLAN_FILE"); else arguments+=(--auto-approve); fi
    ;;
  *)
    echo "::error title=sipform::the command is $INPUT_COMMAND, and should be validate, plan, apply or drift"
    exit 1
    ;;
esac
while IFS= read -r file; do arguments+=(-f "$file"); done < <(lines "$INPUT_FILES")
if [ "$INPUT_COMMAND" != validate ] && [ -n "$INPUT_LEDGER" ]; then arguments+=(--ledger "$INPUT_LEDGER"); fi
while IFS= read -r argument; do arguments+=("$argument"); done < <(lines "$INPUT_ARGS")
[ -z "$INPUT_COMMENT_NAME" ] || arguments+=(--report-name "$INPUT_COMMENT_NAME")
for format in markdown json sarif github; do arguments+=(--report "$format=$reports/report.$format"); done

code=0
sipform "${arguments[@]}" || code=$?

# The runner turns these lines into annotations at the YAML's lines.
[ ! -f "$reports/report.github" ] || cat "$reports/report.github"
if [ -f "$reports/report.markdown" ]; then cat "$reports/report.markdown" >>"${GITHUB_STEP_SUMMARY:?}"; fi

changes=false
case "$code" in 2) changes=true ;; esac
{
  echo "exitcode=$code"
  echo "changes=$changes"
  [ ! -f "$reports/report.markdown" ] || echo "report=$reports/report.markdown"
  [ ! -f "$reports/report.json" ] || echo "json=$reports/report.json"
  [ ! -f "$reports/report.sarif" ] || echo "sarif=$reports/report.sarif"
} >>"${GITHUB_OUTPUT:?}"

case "$INPUT_COMMAND:$code" in
  plan:2 | plan:5) exit 0 ;; # there is something to apply, or something that only people can do
  drift:2) [ "$INPUT_FAIL_ON_DRIFT" = true ] || exit 0 ;;
esac
exit "$code"
