"""A refusal over HTTP says which field is wrong and with which facts, as an outcome does."""

from typing import Any

import pytest

from contracts.access import Role
from tests.architecture.applications import APPLICATIONS, Clients


@pytest.mark.parametrize("service", APPLICATIONS)
def test_one_form_of_findings(service: str) -> None:
    """A problem and an outcome describe their findings by the same schema: with field and facts."""
    schemas: dict[str, Any] = APPLICATIONS[service].openapi()["components"]["schemas"]
    assert schemas["ProblemDetails"]["properties"]["findings"]["items"]["$ref"].endswith("/Finding")
    assert {"field", "facts"} <= schemas["Finding"]["properties"].keys()
    if "Outcome" in schemas:
        found = schemas["Outcome"]["properties"]["findings"]["items"]
        assert found == schemas["ProblemDetails"]["properties"]["findings"]["items"]


async def test_the_fields_of_a_form(clients: Clients) -> None:
    """A form puts each finding at its field, also at a field within a list."""
    body = {"lea": "017", "sites": [{"school": "17", "name": "A School", "open_on": "2017-08-01"}]}
    headers = clients.signed(Role.STATE)
    answer = await clients["jurisdiction"].post("/commands/RegisterSchoolSites", json=body, headers=headers)
    findings = {finding["field"]: finding for finding in answer.json()["findings"]}
    assert answer.status_code == 422
    assert findings["sites.0.school"]["facts"]["problem"] in findings["sites.0.school"]["message"]


@pytest.mark.parametrize(
    ("wanted", "field", "fact"),
    [
        ({"limit": "many"}, "limit", "problem"),
        ({"favourite": "green"}, "favourite", "known"),
    ],
)
async def test_the_parameters_of_a_query(
    wanted: dict[str, str], field: str, fact: str, clients: Clients
) -> None:
    """A screen puts each finding at the filter that it is about."""
    answer = await clients["students"].get("/held", params=wanted, headers=clients.signed(Role.READER))
    (finding,) = answer.json()["findings"]
    assert (answer.status_code, finding["field"]) == (422, field)
    assert finding["facts"][fact]
