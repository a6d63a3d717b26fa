"""What is asked of all students at once: the federal child count, and whether it rests on everything."""
