#!/bin/sh
# Installs everything that the tests need, then checks format, lint, types and build and runs the whole test suite.
set -eu
cd "$(dirname "$0")/.."

sh scripts/peers.sh
npm ci
npm run --silent format:check
npm run --silent lint
npm run --silent build
npm run --silent test
