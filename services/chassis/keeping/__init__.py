"""Room 5: PostgreSQL.

- `tables`, `migrations`: the tables every service has, and each service's Alembic history.
- `rows`, `statements`: many rows as parameters of one statement, and the refusal of a late writer.
- `loading`, `saving`: one statement loads a batch, one statement saves it.
- `tallies`: the counts of what became of every message read.
- `transaction`: what the worker asks of a store; there are two, PostgreSQL and memory.
- `projection`: batches of a service that only reads.
- `failures`: which failures of the database pass by themselves.
"""
