"""The students of special education: identity, profile, parents and guardians, search."""
