"""Programs that do a part of SER's work in another way. They share no code with SER.

A floor is the least work that gives the same result on the same Kafka and PostgreSQL. A change of SER does
not change the floor, since the floor has its own models, decision, headers and rows.

- `running`: reads the environment and runs a program.
- `students`: models, decision and messages of adding a student.
- `commands_floor`: adds students in batches; the floor of commands and of the wait for an outcome.
- `idiomatic`: adds students as FastStream's documentation shows it.
- `states`: models and rows of the events that reporting reads.
- `rebuild_floor`: keeps each event and each counted record; the floor of the rebuild.
- `bytes_only`: copies events unread.
"""
