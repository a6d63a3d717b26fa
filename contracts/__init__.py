"""What the services of SER say to each other."""
