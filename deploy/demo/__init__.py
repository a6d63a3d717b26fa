"""The demonstration: children from the published count go through the system, then the count is compared.

A child begins as an identity in eScholar and ends as one child in the federal child count.

| module | what it holds |
|---|---|
| `command` | `ser demo`: its options, its exit codes, and the start of the system |
| `demonstration` | the phases: send the histories, try the cases, count, compare |
| `history` | the messages of one child's history, in order |
| `dates`, `people`, `programs` | the dates, persons and IEP forms of a history (texts: `programs.toml`) |
| `driver` | sends many histories at once and waits for their outcomes |
| `connections` | opens the clients that a demonstration uses together |
| `producer` | sends messages to Kafka in batches |
| `outcomes` | outcomes of commands: read from Kafka, looked up over HTTP, remembered from earlier runs |
| `api_client` | HTTP requests to the services, and the tokens they carry |
| `retry` | retries a request while a process restarts |
| `reporting` | how many events reporting has read, and its child count |
| `cases` | the cases tried live: a transfer, a held command, bad tokens, bytes that are no message |
| `display`, `count_table`, `report` | what the terminal shows: progress, the count, the report |
"""
