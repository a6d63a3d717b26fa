"""Room 7: HTTP.

- `http`: builds the application.
- `connection`: one database connection for each request.
- `viewer`: verifies the token of a request.
- `caching`: no browser and no proxy keeps an answer.
- `requests`: limits of size, query parameters, bodies.
- `door`: commands posted over HTTP, and the wait for an outcome.
- `preferences`: the header by which a request waits for an outcome, or is a dry run.
- `dry_run`, `trying`: what a command would get now, and nothing changes; several commands after one another.
- `receipts`, `outcomes`: read outcomes in the ledger; answer with one or with many.
- `commands`: lists the commands of a sender or of a scope.
- `queries`, `viewing`, `views`: read a subject's records; log each view; show that log.
- `newest_first`: the end of a page in a list that shows the newest rows first.
- `sequences`: the header with the number of the last event that an answer includes.
- `held`: lists held messages; an operator retries or refuses them.
- `problems`, `rules`: refusals as RFC 9457 problem details; the rules that they name.
- `components`, `documents`, `pages`: OpenAPI, AsyncAPI, and the page to try the interface.
"""
