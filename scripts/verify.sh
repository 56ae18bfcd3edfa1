#!/bin/sh
# Installs everything that the tests need, then checks format, lint, types and build and runs the whole test suite. What does
# not need each other runs at the same time, on two cores.
set -eu
cd "$(dirname "$0")/.."
# Nothing goes on after this script, whatever fails; an installation is not broken off.
trap wait EXIT

sh scripts/peers.sh &
peers=$!
npm ci
npm run --silent lint &
lint=$!
npm run --silent format:check
npm run --silent build
npm run --silent test:unit
wait "$lint"
wait "$peers"
npm run --silent test:e2e
