"""The LEA that owns a student, and the dates: claims, transfers between LEAs, school sites."""
