"""Room 4: held messages.

- `queue`: the messages held for one subject, in order.
- `holding`: holds a message, retries a queue in order, and refuses a message for an operator.
- `rows`: the table of held messages: loads queues, finds due subjects, holds messages.
- `listing`: the same table for people: subject, sender, cause and time of each message.
"""
