"""The HTTP interface of intake.

| module | what it does |
|---|---|
| `routes` | the addresses |
| `receiving` | takes a batch: streams its bytes into the database, recognizes those that came before |
| `batch` | what is answered about a batch and its rows |
| `tables` | verdicts, and the rows to correct, as CSV |
"""
