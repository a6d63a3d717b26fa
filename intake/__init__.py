"""Batch files: an LEA's rows, read and checked. Format `ser-batch-1`.

| module | what it does |
|---|---|
| `record_types` | the table of record types: each with its columns, its key, and the commands of a row |
| `columns` | the columns that a command has: from its JSON Schema |
| `steps` | one command of a row: which columns fill which fields |
| `planning` | the commands of a student's rows, in order, each under an id of its own |
| `reading` | reads a submission, row by row, and says what is wrong with it |
| `templates` | a spreadsheet for each record type |
| `guide` | the guide for data managers, generated |
| `rules` | the rules of files: `BAT-…` |
"""
