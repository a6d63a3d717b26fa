"""Room 3: decides what a batch changes. Pure: no I/O, no clock, no random numbers.

- `process`: takes each message of a batch as it arrives.
- `turns`: calls the decider or the reaction of one message.
- `answers`: the outcomes of commands.
- `draft`: the effects of a batch so far.
- `batch`: the loaded records of a batch, and its writes.
- `subject`: the working copy of one subject.
- `checks`: checks the records of a decider or a reaction.
- `terms`: the limits of decisions.
"""
