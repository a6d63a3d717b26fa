"""Room 4: messages that cannot go on yet.

- `queue`: the messages held for one subject, in order.
- `holding`: holds a message, retries a queue in order, gives a message up.
- `rows`: the table of held messages: queues loaded, subjects that are due, messages held.
- `listing`: the same table for people: what is held, for whom, why and since when.
"""
