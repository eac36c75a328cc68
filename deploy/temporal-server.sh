#!/bin/sh
# Starts the Temporal server given as arguments with its database's password from a file:
# the server itself reads it from POSTGRES_PWD alone.
set -eu
POSTGRES_PWD=$(cat "$POSTGRES_PWD_FILE")
export POSTGRES_PWD
exec "$@"
