"""Sends the commands of a batch's rows, and keeps what became of them.

| module | what it does |
|---|---|
| `ring` | how many commands are in the services at once, and which LEA is next |
| `attempts` | writes each command down before it is sent; knows what was accepted before |
| `dispatch` | puts commands on their topics, and asks the services for the outcomes |
| `subject` | the rows of one student, one after the other |
| `sending` | a whole batch: the rows of providers, then those of students side by side |
| `work` | the open batches of all LEAs: reads one after the other, sends one of each LEA |

A killed process leaves commands without an outcome. The next process sends each of them again under its id,
and asks for its outcome. The service has decided it, or decides it now; either way once.
"""
