"""Room 7: HTTP.

- `http`: the application put together.
- `connection`: one database connection for each request.
- `viewer`: verifies the token of a request.
- `requests`: limits of size, query parameters, bodies.
- `door`: commands posted over HTTP, and their outcomes.
- `queries`, `viewing`, `views`: read a subject's records; log each look; show that log.
- `sequences`: the header with the number of the last event that an answer includes.
- `held`: lists held messages; an operator retries them or gives them up.
- `problems`: refusals as RFC 9457 problem details.
- `components`, `documents`, `pages`: OpenAPI and AsyncAPI, and the page to try the interface.
"""
