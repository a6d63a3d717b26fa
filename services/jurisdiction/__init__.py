"""Which LEA owns a student, and since when."""
