"""Room 3: what a batch of messages changes. Pure: no I/O, no clock, no chance.

- `process`: takes each message of a batch as it arrives.
- `turns`: the turn of one message with its decider or reaction.
- `answers`: the outcomes given to commands.
- `draft`: what the batch is about to write.
- `batch`: what is loaded for a batch, and what is to be written after it.
- `subject`: the working copy of one subject while a batch is decided.
- `checks`: what every decider's and reaction's answer must satisfy.
- `terms`: the limits under which a service decides.
"""
