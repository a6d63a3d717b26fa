"""The messages between the services of SER: commands, events, outcomes, and the values in them."""
