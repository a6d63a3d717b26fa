"""The setting of students about State IDs, from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.students.domain.state_id_changes import Approval


class StateIdSettings(BaseSettings):
    """Which changes of State IDs wait for approval: `SER_APPROVE_STATE_IDS`."""

    model_config = SettingsConfigDict(env_prefix="SER_", frozen=True)

    approve_state_ids: Approval = Field(
        default=Approval.PEOPLE,
        description="`people`: a second person approves what a person proposes. `everything`: links of"
        " eScholar's wait as well, as before a count day. `nothing`: one person suffices.",
    )
