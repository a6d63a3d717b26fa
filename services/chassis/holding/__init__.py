"""Room 4: messages that cannot go on yet.

- `queue`: the messages held for one subject, in order.
- `rows`: the table of held messages: queues loaded, subjects that are due, messages held.
- `listing`: the same table for people: what is held, for whom, why and since when.
"""
