"""`ser bridge`: publishes what eScholar says of identities, from a file. It stands in for a real bridge.

| module | what it does |
|---|---|
| `files` | reads a CSV file or a file of JSON lines, row by row |
| `keeping` | keeps the checked rows on disk, so that the file is read once |
| `checking` | gives the message of each row, or everything that is wrong with it |
| `publishing` | sends the messages to Kafka |
| `command` | checks the whole file, then sends it, with a verdict for each row |
"""
