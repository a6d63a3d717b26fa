"""The console: SER's screens for people.

It is an upstream system like any other: it reads the services over HTTP with the user's token, and posts
commands. It decides nothing and keeps no record of a student.

- `app`: the process and its application; `settings`: its environment.
- `signing_in`, `openid`, `sign_ins`, `person`: OpenID Connect, and who is signed in; `sealing`: encryption.
- `guard`, `rates`, `timing`: headers of every answer, cross-site requests, limits per person, own time.
- `queries`, `answers`, `backend`: what the console asks of the services, the answers, and the client.
- `fields`, `forms`, `sending`: a command's fields on the screen, what was typed, and what became of it.
- `received`, `visits`, `shared`: a sent form, one request of one person, and what all requests share.
- `screens`, `rendering`, `bare_pages`: pages with their forms, the templates, pages without a sign-in.
- `rules`, `failing`: what the console itself says to people, and a page for each failure.
- `words`, `wording`, `days`, `keyboard`: labels, findings as people read them, dates, shortcuts.
- `names`, `schools`, `opened`: names of listed students, school sites to choose, students opened last.
- `tables`: the console's own database.
- `pages`: the screens, by area.
"""
