"""Room 7: HTTP.

- `http`: the application put together.
- `connection`: the connection to the database on which a request asks.
- `viewer`: who asks, by their token.
- `requests`: limits of size, query parameters, bodies.
- `door`: commands posted over HTTP, and their outcomes.
- `queries`, `viewing`, `views`: what a service knows of a subject; the log of who looked, and how it is read.
- `sequences`: the header by which an answer says how far the service had come with the subject.
- `held`: the messages a service holds, listed; an operator retries them or gives them up.
- `problems`: refusals as RFC 9457 problem details.
- `components`, `documents`, `pages`: OpenAPI and AsyncAPI, and the page to try the interface.
"""
