"""What eScholar's bridge says of four State IDs: merged, separated, retired."""

from contracts.identity import IdentityMerged, IdentityRetired, IdentitySeparated

A, B, C, D = "1000000001", "1000000002", "1000000003", "1000000004"
AnyLink = IdentityMerged | IdentitySeparated | IdentityRetired


def merged(state_id: str, into: str, revision: int = 2) -> IdentityMerged:
    """eScholar merged one State ID into another."""
    return IdentityMerged(student_id=state_id, revision=revision, into=into, reason="one child")


def separated(state_id: str, into: str | None = None, revision: int = 3) -> IdentitySeparated:
    """eScholar took the merge back."""
    return IdentitySeparated(student_id=state_id, revision=revision, into=into, reason="two children")


def retired(state_id: str, revision: int = 2) -> IdentityRetired:
    """eScholar retired a State ID and named no other."""
    return IdentityRetired(student_id=state_id, revision=revision, reason="nobody's")
