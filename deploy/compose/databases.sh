#!/bin/bash
# A database for each service, intake and the console, each opened by its own role only. Run once by the postgres image, when its data directory is new.
set -euo pipefail

sql() {
  psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" "$@"
}

for program in students jurisdiction ieps provision reporting intake console; do
  name="ser_$program"
  sql --set name="$name" --set password="$SER_DATABASE_PASSWORD" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name";
revoke connect, temporary on database :"name" from public;
SQL
  sql --dbname "$name" --command 'create extension pg_stat_statements'
done
sql --command 'revoke connect, temporary on database postgres, template1 from public'
