"""Room 7: HTTP.

- `http`: builds the application.
- `connection`: one database connection for each request.
- `viewer`: verifies the token of a request.
- `caching`: no browser and no proxy keeps an answer.
- `requests`: limits of size, query parameters, bodies.
- `door`: commands posted over HTTP, and their outcomes.
- `queries`, `viewing`, `views`: read a subject's records; log each view; show that log.
- `sequences`: the header with the number of the last event that an answer includes.
- `held`: lists held messages; an operator retries or refuses them.
- `problems`: refusals as RFC 9457 problem details.
- `components`, `documents`, `pages`: OpenAPI, AsyncAPI, and the page to try the interface.
"""
