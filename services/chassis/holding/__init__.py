"""Room 4: messages that cannot go on yet.

- `queue`: the messages held for one subject, in order.
- `rows`: the table of held messages: queues loaded, subjects that are due, messages held.
"""
