"""Room 3: what a batch of messages changes. Pure: no I/O, no clock, no chance.

- `process`: gives each message its turn with its decider or reaction.
- `batch`: what is loaded for a batch, and what is to be written after it.
- `subject`: the working copy of one subject while a batch is decided.
- `checks`: what every decider's and reaction's answer must satisfy.
- `terms`: the limits under which a service decides.
"""
