"""How SER is run: on one machine without containers, in containers, and by the `ser` command."""
