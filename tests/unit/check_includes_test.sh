#!/usr/bin/env bash
# Proves that scripts/check-includes refuses each kind of wrong include, and only those.
set -euo pipefail
check=$(dirname "${BASH_SOURCE[0]}")/../../scripts/check-includes
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{messages/jobs,adapters/config,policies,actors/queue,http/server,app/cli,app/worker,tests/unit}

expect() { # refused|accepted, file, include
  local verdict=accepted
  find "$tree" -type f -delete
  printf '#pragma once\n#include %s\n' "$3" >"$tree/$2"
  "$check" "$tree" >/dev/null 2>&1 || verdict=refused
  if [[ $verdict != "$1" ]]; then
    printf '%s with #include %s is %s, not %s\n' "$2" "$3" "$verdict" "$1" >&2
    exit 1
  fi
}

expect accepted adapters/config/a.hpp '"messages/jobs/job.hpp"'
expect accepted app/worker/main.cpp '"http/api/routes.hpp"'
expect accepted tests/unit/a_test.cpp '"app/worker/wiring.hpp"'
expect accepted actors/queue/queue.hpp '<caf/all.hpp>'
expect accepted messages/protocol.hpp '<caf/all.hpp>'
expect accepted adapters/config/a.cpp '<curl/curl.h>'
expect accepted app/cli/a.cpp '<CLI/CLI.hpp>'
expect refused messages/jobs/job.hpp '"adapters/config/option_table.hpp"'
expect refused adapters/config/a.cpp '"actors/queue/queue.hpp"'
expect refused actors/queue/queue.cpp '"http/server/server.hpp"'
expect refused http/server/a.cpp '"app/worker/wiring.hpp"'
expect refused app/worker/main.cpp '"tests/support/catch.hpp"'
expect refused adapters/config/a.cpp '"option_table.hpp"'
expect refused adapters/config/a.cpp '"../../messages/job.hpp"'
expect refused adapters/config/a.cpp '<caf/all.hpp>'
expect refused adapters/config/a.cpp '"messages/protocol.hpp"'
expect refused messages/jobs/job.hpp '<caf/fwd.hpp>'
expect refused policies/a.hpp '<caf/fwd.hpp>'
expect refused policies/a.hpp '"actors/queue/queue.hpp"'
expect refused http/server/a.hpp '"messages/type_ids.hpp"'
expect refused http/server/a.cpp '"actors/support/failure.hpp"'
expect refused app/cli/a.cpp '<caf/all.hpp>'
expect refused app/cli/a.cpp '"actors/queue/queue.hpp"'
expect refused app/cli/a.hpp '<curses.h>'
expect refused adapters/config/a.hpp '<curl/curl.h>'
expect refused actors/a.hpp '<Magick++.h>'
expect refused adapters/config/a.hpp '<sqlite3.h>'

find "$tree" -type f -delete
if "$check" "$tree" >/dev/null 2>&1; then
  printf 'a tree without any include was accepted\n' >&2
  exit 1
fi
