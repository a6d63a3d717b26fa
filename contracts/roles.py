"""The roles of users. This module imports no library, so that `ser` starts fast."""

from enum import StrEnum

STATE = "LA"
"""Stands for the state where others name an LEA."""


class Role(StrEnum):
    """What a user may do. An LEA's roles hold within that LEA; `state` and `auditor` see every LEA."""

    READER = "reader"
    WRITER = "writer"
    IEP_SUBMITTER = "iep-submitter"
    SECURE_ID_MANAGER = "secure-id-manager"
    COORDINATOR = "coordinator"
    STATE = "state"
    AUDITOR = "auditor"
