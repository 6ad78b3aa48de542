#!/usr/bin/env bash
# Reviews the change that a run of a workflow is about: prints it, appends it to the
# summary, and leaves the SARIF file. Exits as plimsoll review does.
#
# action.yml sets CATALOG, BASE and PLIMSOLL. What the event says is data: whoever
# opens a pull request chooses its branch and its title. Only names of commits are
# taken from it, of hexadecimal digits and nothing else.
set -euo pipefail

fail() {
	echo "plimsoll review: $1" >&2
	exit 2
}

# commit prints the commit at a path of the event.
commit() {
	local name
	name=$(jq --raw-output "$1" "$GITHUB_EVENT_PATH")
	[[ $name =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]] || fail "expected a commit at $1 of the event, found none"
	echo "$name"
}

base=${BASE:-}
head=HEAD
if [[ -z $base ]]; then
	command -v jq >/dev/null || fail "expected jq, to read the event, found none"
	case $GITHUB_EVENT_NAME in
	pull_request | pull_request_target)
		# What GitHub would merge, beside what it would be merged into. The pull request
		# alone may have left its target when that demanded less.
		tip=$(commit .pull_request.head.sha)
		# A pull request may hold a repository of its own, in the catalog's folder.
		merged=$(git -c safe.bareRepository=explicit -C "$CATALOG" rev-parse --verify --quiet "HEAD^2" || true)
		[[ $merged == "$tip" ]] || fail "expected the merge of $tip into its target at HEAD, found another commit or the end of a shallow clone: use actions/checkout on pull_request, without ref, with fetch-depth: 2"
		base=HEAD^1
		;;
	merge_group)
		base=$(commit .merge_group.base_sha)
		head=$(commit .merge_group.head_sha)
		;;
	push)
		base=$(commit .before)
		head=$(commit .after)
		[[ ${base//0/} ]] || base= # a new branch
		;;
	esac
fi
arguments=(--head="$head")
[[ -z $base ]] || arguments+=(--base="$base")

if [[ -z ${PLIMSOLL:-} ]]; then
	PLIMSOLL=$RUNNER_TEMP/plimsoll
	source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
	(cd "$source" && GOWORK=off GOFLAGS='' go build -trimpath -o "$PLIMSOLL" .)
fi

# Nothing that is printed from here on is a command to the runner, however its line begins.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
trap 'echo "::$token::"' EXIT

results=$(mktemp -d "$RUNNER_TEMP/plimsoll-review.XXXXXX")
code=0
"$PLIMSOLL" review "${arguments[@]}" --format=text --output="markdown=$results/review.markdown" \
	--output="sarif=$results/review.sarif" -- "$CATALOG" || code=$?
((code <= 3)) || fail "plimsoll ended with exit code $code"
if [[ -s $results/review.markdown ]]; then
	cat "$results/review.markdown" >>"$GITHUB_STEP_SUMMARY"
else
	echo "plimsoll could not review this change: the log of the step says why." >>"$GITHUB_STEP_SUMMARY"
fi
echo "exit-code=$code" >>"$GITHUB_OUTPUT"
[[ ! -s $results/review.sarif ]] || echo "sarif=$results/review.sarif" >>"$GITHUB_OUTPUT"
exit "$code"
