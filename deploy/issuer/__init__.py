"""The development issuer: an OpenID Connect provider of one machine. A person signs in by choosing a role.

It has no passwords, so it listens on the loopback only and answers no other host name. It signs tokens with
the key of the run directory (`deploy/local/issuer.py`), as `ser token` does.

| module | what it holds |
|---|---|
| `app` | the process: `python -m deploy.issuer.app` |
| `settings` | its settings, and the console that it knows |
| `discovery` | `/.well-known/openid-configuration`, `/jwks`, `/health/…` |
| `choosing` | `/authorize`, `/choose`: the page on which a person chooses who to be |
| `exchanging` | `/token`, `/revoke` |
| `ending` | `/end-session` |
| `authorization` | an authorization request, read and checked |
| `grant` | what a person has granted to the client by signing in |
| `codes` | authorization codes: used once, within 60 seconds |
| `refreshing` | refresh tokens: each is used once and replaced |
| `tokens` | access tokens and ID tokens |
| `client` | the console as a client: its addresses, and how it proves itself |
| `people` | the ready-made people, and one who was typed in |
| `pages` | the HTML, from `templates/` |
| `parameters` | the parameters of a request |
| `refusal` | an error as RFC 6749 writes it |
| `loopback` | answers requests to loopback names only |
"""
