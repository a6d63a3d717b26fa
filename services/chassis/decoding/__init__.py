"""Room 2: from bytes to messages.

- `messages`: a Kafka message as a command, an event, or an unreadable message.
- `decoder`: reads headers and body, and finds what is wrong with them.
- `bodies`: reads the JSON of a body strictly.
- `tokens`: verifies the sender of a command.
- `keys`: the issuer's public keys.
"""
