"""The console: dates, forms and words; every screen in a real browser; sign-in, security and faults."""
