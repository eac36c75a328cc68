#!/bin/sh
# Makes the Temporal server's databases and tables on PostgreSQL, or brings them up to date.
# Run it before the server of a new version starts; a second time changes nothing.
# SQL_HOST, SQL_PORT, SQL_USER, SQL_PLUGIN and SQL_PASSWORD (or SQL_PASSWORD_FILE) say where.
# Where Temporal's own tool is not at hand: TEMPORAL_SQL_TOOL="temporal-server sql-tool".
set -eu
if [ -n "${SQL_PASSWORD_FILE:-}" ]; then
  SQL_PASSWORD=$(cat "$SQL_PASSWORD_FILE")
  export SQL_PASSWORD
fi
tool=${TEMPORAL_SQL_TOOL:-temporal-sql-tool}
for kind in temporal visibility; do
  database=temporal
  [ "$kind" = temporal ] || database=temporal_visibility
  # The tool's name may be two words.
  # shellcheck disable=SC2086
  {
    $tool --db "$database" create
    $tool --db "$database" setup-schema -v 0.0
    $tool --db "$database" update-schema --schema-name "postgresql/v12/$kind"
  }
done
echo "The tables of the Temporal server are up to date."
