"""Who the students of special education are: identity, profile, parents and guardians, and finding them."""
