"""The console: SER's screens for people.

It is an upstream system like any other: it reads the services over HTTP with the user's token, and posts
commands. It decides nothing and keeps no record of a student.

- `app`: the process and its application; `settings`: its environment.
- `signing_in`, `sign_ins`, `sealing`: OpenID Connect, the rows of signed-in people, encryption.
- `guard`, `rates`, `timing`: headers of every answer, cross-site requests, limits per person, own time.
- `queries`, `answers`, `backend`: what the console asks of the services, the answers, and the client.
- `fields`, `forms`, `sending`: a command's fields on the screen, what was typed, and what became of it.
- `visits`, `rendering`: one request of one person, and the templates.
- `words`, `wording`, `days`, `keyboard`: labels, findings as people read them, dates, shortcuts.
- `pages`: the screens, by area.
"""
