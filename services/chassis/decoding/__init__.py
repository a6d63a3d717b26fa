"""Room 2: from bytes to messages.

- `messages`: what a Kafka message turned out to be: a command, an event, or unreadable.
- `decoder`: reads headers and body, and says what is wrong with them.
- `bodies`: reads the JSON of a body strictly.
- `tokens`: verifies who sent a command.
- `keys`: the issuer's public keys.
"""
