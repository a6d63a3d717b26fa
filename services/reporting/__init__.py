"""Reports on all students: the federal child count, refusals, histories, and whether any event is missing."""
