"""Queries of evaluations and IEPs."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contracts.access import Role
from contracts.decision import Known
from contracts.evaluations import Evaluation, ParentDecision
from contracts.forms import Accommodations, Placement
from contracts.ieps import IEPContents, IEPType
from contracts.message import Record
from services.ieps.app import SERVICE
from tests.integration.querying import ServiceQueries, codes, service_queries
from tests.unit.events import ended
from tests.unit.ieps import scenario
from tests.unit.scenario import STUDENT, actor, id_named

HIS = f"/students/{STUDENT}"
OWNER, CADDO, ORLEANS = scenario.EAST_BATON_ROUGE, scenario.CADDO, "036"
MOVED_ON = date(2017, 9, 1)


@pytest_asyncio.fixture
async def ieps(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """The service's database, empty, and its queries."""
    async with service_queries(SERVICE, database("ieps"), tmp_path) as queries:
        yield queries


def newest(history: Sequence[Record]) -> list[Record]:
    """The newest state of each record, as the service stores it."""
    return list(Known(history))


def moved(history: Sequence[Record]) -> list[Record]:
    """Caddo owns the student since September."""
    spell = scenario.claimed()
    return scenario.records_after(
        ended(spell, MOVED_ON - timedelta(days=1)),
        scenario.claimed(CADDO, MOVED_ON, "second claim"),
        after=history,
    )


def the(kind: type[Any], history: Sequence[Record], under: str) -> Any:
    """The newest state of one record."""
    found = Known(history).get(kind, id_named(under))
    assert found is not None
    return found


async def test_evaluations_newest_first(ieps: ServiceQueries) -> None:
    """The owner and the state see every evaluation of the student, newest first."""
    history = scenario.after(
        scenario.open_record(),
        scenario.request("refused", date(2016, 9, 1)),
        scenario.parent_says(ParentDecision.REFUSED, date(2016, 9, 8), "refused"),
        scenario.request(),
    )
    await ieps.keep(*newest(history))

    for lea, role in ((OWNER, Role.READER), ("LA", Role.STATE), ("LA", Role.AUDITOR)):
        body = (await ieps.get(f"{HIS}/evaluations", lea, role)).json()
        assert [(one["evaluation_id"], one["stage"]) for one in body] == [
            (str(id_named("evaluation")), "requested"),
            (str(id_named("refused")), "closed"),
        ]


async def test_one_evaluation(ieps: ServiceQueries) -> None:
    """A query shows one evaluation with its dates and exceptionalities."""
    history = scenario.evaluated("SLD", "SLI")
    await ieps.keep(*newest(history))

    answer = await ieps.get(f"{HIS}/evaluations/{id_named('evaluation')}", OWNER)
    assert Evaluation.model_validate(answer.json()) == Evaluation.model_validate_json(
        the(Evaluation, history, "evaluation").model_dump_json()
    )


async def test_the_due_date_of_an_evaluation(ieps: ServiceQueries) -> None:
    """An evaluation is due 60 business days after the parent's consent, and has no due date before."""
    asked = scenario.after(scenario.open_record(), scenario.request())
    await ieps.keep(*newest(asked))
    [before] = (await ieps.get(f"{HIS}/evaluations", OWNER)).json()
    await ieps.keep(the(Evaluation, scenario.after(asked, scenario.parent_says()), "evaluation"))
    after = (await ieps.get(f"{HIS}/evaluations/{id_named('evaluation')}", OWNER)).json()
    assert (before["due_on"], after["due_on"]) == (None, "2017-05-03")


async def test_the_due_date_of_a_reevaluation(ieps: ServiceQueries) -> None:
    """A re-evaluation is due three years after the last evaluation, or after a later waiver."""
    history = scenario.after(scenario.evaluated(), scenario.reevaluate())
    await ieps.keep(*newest(history))
    body = (await ieps.get(f"{HIS}/evaluations", OWNER)).json()
    assert [one["evaluation_type"] for one in body] == ["re-evaluation", "initial"]
    assert body[0]["due_on"] == "2020-05-02"
    assert body[0]["due"]["day_0"] == str(scenario.REPORTED)


async def test_when_the_lea_asks_for_consent(ieps: ServiceQueries) -> None:
    """The LEA asks within ten business days after pupil appraisal received the referral."""
    asked = scenario.request(received_by_appraisal_on=date(2017, 1, 25))
    await ieps.keep(*newest(scenario.after(scenario.open_record(), asked)))
    [evaluation] = (await ieps.get(f"{HIS}/evaluations", OWNER)).json()
    assert (evaluation["consent_due"]["due_on"], evaluation["due"]) == ("2017-02-08", None)


async def test_the_way_from_early_intervention(ieps: ServiceQueries) -> None:
    """The owner sees what early intervention did; a former owner sees it as it was."""
    recorded = scenario.after(scenario.open_record(), scenario.part_c(continues_in_part_c=True))
    await ieps.keep(*newest(scenario.after(moved(recorded), scenario.part_c(), by=actor(CADDO))))

    answers = [(await ieps.get(f"{HIS}/part-c", lea)).json() for lea in (CADDO, OWNER)]
    assert [(one["revision"], one["continues_in_part_c"]) for [one] in answers] == [(2, False), (1, True)]


async def test_the_light_of_a_draft_and_its_last_change(ieps: ServiceQueries) -> None:
    """The list says of a draft whether it passes validation, and of each IEP who changed it last and when."""
    at = datetime(2017, 9, 18, 14, tzinfo=UTC)
    review = scenario.draft("review", IEPType.REVIEW, date(2018, 5, 14), date(2018, 5, 22), ())
    history = scenario.after(scenario.submitted(), scenario.amend(), review)
    await ieps.keep(*newest(history), by="017/m.landry", at=at)

    body = (await ieps.get(f"{HIS}/ieps", OWNER)).json()
    assert [(one["iep_type"], one["stage"], one["light"]) for one in body] == [
        ("review", "draft", "red"),
        ("initial", "draft", "green"),
        ("initial", "submitted", None),
    ]
    assert {(one["changed_by"], one["changed_at"]) for one in body} == {
        ("017/m.landry", "2017-09-18T14:00:00Z")
    }


async def test_a_former_owner_does_not_learn_who_changed_an_iep_later(ieps: ServiceQueries) -> None:
    """The name of the next LEA's user, who discarded the draft, stays hidden."""
    history = moved(scenario.drafted())
    await ieps.keep(*newest(history), by="017/m.landry")
    [before] = (await ieps.get(f"{HIS}/ieps", OWNER)).json()
    known = set(map(id, newest(history)))
    later = newest(scenario.after(history, scenario.discard(), by=actor(CADDO)))
    await ieps.keep(*(record for record in later if id(record) not in known), by="009/j.doe")

    [after] = (await ieps.get(f"{HIS}/ieps", OWNER)).json()
    [now] = (await ieps.get(f"{HIS}/ieps", CADDO)).json()
    assert [(one["changed_by"], one["stage"], one["light"]) for one in (before, after, now)] == [
        ("017/m.landry", "draft", "green"),
        (None, "draft", "green"),
        ("009/j.doe", "discarded", None),
    ]


async def test_what_an_amendment_changes(ieps: ServiceQueries) -> None:
    """An amendment is compared with the IEP that it amends, or with the one that is asked for."""
    placement = Placement(environment="RC39", percent_in_regular_class=20, justification="Needs quiet.")
    history = scenario.after(scenario.submitted(), scenario.amend(forms=(placement,)))
    await ieps.keep(*newest(history))
    path, first = f"{HIS}/ieps/{id_named('amendment')}/changes", id_named("IEP")

    body = (await ieps.get(path, OWNER)).json()
    assert body == (await ieps.get(path, OWNER, against=first)).json()
    assert body["against"] == str(first)
    assert [(one["form"], one["field"]) for one in body["changes"]] == [
        ("LRE", "environment"),
        ("LRE", "percent_in_regular_class"),
        ("LRE", "justification"),
        ("AMD", None),
    ]
    assert body["changes"][0]["after_words"] == "Inside regular class less than 40 % of the day (RC39)"
    unknown = await ieps.get(path, OWNER, against=id_named("other"))
    assert (unknown.status_code, codes(unknown)) == (404, ["IEP-007"])
    alone = (await ieps.get(f"{HIS}/ieps/{first}/changes", OWNER)).json()
    assert (alone["against"], {one["field"] for one in alone["changes"]}) == (None, {None})


async def test_a_try_without_saving(ieps: ServiceQueries) -> None:
    """Forms that nobody has saved are validated with the rest of the draft. The draft stays as it is."""
    await ieps.keep(*newest(scenario.drafted(forms=scenario.complete_forms(ACC=None))))
    path = f"{HIS}/ieps/{id_named('IEP')}/validation"
    unsaved = {"forms": [{"form": "ACC", "none_needed": True}]}

    tried = (await ieps.post(path, unsaved, OWNER)).json()
    assert tried["light"] == "green"
    saved = (await ieps.get(path, OWNER)).json()
    assert saved["light"] == "red"
    assert [what for *_, what, _ in await ieps.access_log()] == [
        f"validation of IEP {id_named('IEP')}",
        f"validation of IEP {id_named('IEP')}",
    ]


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        ([], "MSG-002"),
        ([{"form": "ACC", "favourite": "green"}], "MSG-003"),
        ([{"form": "ACC"}, {"form": "ACC"}], "IEP-011"),
        (
            [
                {
                    "form": "AMD",
                    "informed_on": "2017-05-15",
                    "contact_method": "letter",
                    "explanation": "More time.",
                }
            ],
            "IEP-012",
        ),
    ],
)
async def test_a_try_with_forms_that_nobody_could_save(
    ieps: ServiceQueries, forms: list[Any], expected: str
) -> None:
    """A try refuses the forms that SaveIEPForms refuses."""
    await ieps.keep(*newest(scenario.drafted()))
    answer = await ieps.post(f"{HIS}/ieps/{id_named('IEP')}/validation", {"forms": forms}, OWNER)
    assert (answer.status_code, codes(answer)[0]) == (422, expected)


async def test_a_try_on_an_iep_that_is_no_draft(ieps: ServiceQueries) -> None:
    """A submitted IEP takes no forms, not even for a try; another LEA may not try at all."""
    await ieps.keep(*newest(scenario.submitted()))
    path, forms = f"{HIS}/ieps/{id_named('IEP')}/validation", {"forms": [{"form": "ACC"}]}
    refused = [await ieps.post(path, forms, lea) for lea in (OWNER, CADDO)]
    assert [(one.status_code, codes(one)) for one in refused] == [(422, ["IEP-008"]), (403, ["ACC-005"])]


async def test_ieps_newest_first(ieps: ServiceQueries) -> None:
    """A query lists the headers of IEPs and amendments, newest first, with the names of their forms."""
    await ieps.keep(*newest(scenario.after(scenario.submitted(), scenario.amend())))

    body = (await ieps.get(f"{HIS}/ieps", OWNER)).json()
    assert [(one["iep_id"], one["amendment"], one["stage"]) for one in body] == [
        (str(id_named("amendment")), 1, "draft"),
        (str(id_named("IEP")), 0, "submitted"),
    ]
    assert body[0]["amends"] == str(id_named("IEP"))
    assert body[1]["forms"] == ["GSI", "IPL", "ACC", "ESY", "PRG", "LRE", "SIG"]
    assert body[1]["areas"] == ["mathematics"]
    assert "Adds to 20." not in str(body)
    assert body[1]["environment"] == "RC80"


async def test_one_iep_with_its_forms(ieps: ServiceQueries) -> None:
    """A query shows one IEP with all contents of its forms."""
    await ieps.keep(*newest(scenario.submitted()))

    body = (await ieps.get(f"{HIS}/ieps/{id_named('IEP')}", OWNER)).json()
    assert IEPContents.model_validate(body["contents"]).forms == scenario.complete_forms()
    assert body["contents"]["revision"] == body["contents_revision"]


async def test_validation_before_it_is_made_official(ieps: ServiceQueries) -> None:
    """Before anybody signs, validation shows each form's light and findings."""
    forms = scenario.complete_forms(ACC=Accommodations(), ESY=None)
    await ieps.keep(*newest(scenario.drafted(forms=forms)))

    body = (await ieps.get(f"{HIS}/ieps/{id_named('IEP')}/validation", OWNER)).json()
    assert body["light"] == "red"
    assert {result["form"]: result["light"] for result in body["results"]} == {
        None: "green",
        "GSI": "green",
        "IPL": "green",
        "ACC": "red",
        "ESY": "red",
        "PRG": "green",
        "LRE": "green",
        "SIG": "green",
    }
    [finding] = next(result["findings"] for result in body["results"] if result["form"] == "ACC")
    assert (finding["code"], finding["field"]) == ("IEP-105", "forms.ACC.none_needed")


async def test_sped_activity(ieps: ServiceQueries) -> None:
    """A query shows the entry into special education. A student without a submitted IEP has none."""
    await ieps.keep(*newest(scenario.drafted()))
    assert (await ieps.get(f"{HIS}/sped-activity", OWNER)).json() == []

    await ieps.keep(*newest(scenario.submitted()))
    [activity] = (await ieps.get(f"{HIS}/sped-activity", OWNER)).json()
    assert (activity["entered_on"], activity["exited_on"]) == (scenario.BEGINS.isoformat(), None)


async def test_exits_and_consents(ieps: ServiceQueries) -> None:
    """Queries show the exit with its reason, and the parent's refusals and revocations, newest first."""
    refused = scenario.after(scenario.evaluated(), scenario.refuse())
    served = scenario.after(refused, scenario.draft(), scenario.make_official(), scenario.submit())
    await ieps.keep(*newest(scenario.after(served, scenario.revoke())))

    [activity] = (await ieps.get(f"{HIS}/sped-activity", OWNER)).json()
    assert (activity["exited_on"], activity["exit_reason"]) == (scenario.LEFT.isoformat(), "REV")
    revoked, first = (await ieps.get(f"{HIS}/consents", OWNER)).json()
    assert (revoked["revoked_on"], revoked["notice_on"]) == (scenario.LEFT.isoformat(),) * 2
    assert first["refused_on"] == scenario.DETERMINED.isoformat()


PATHS = [
    ("evaluations", "evaluations"),
    ("part-c", "transition from Part C"),
    (f"evaluations/{id_named('evaluation')}", f"evaluation {id_named('evaluation')}"),
    ("ieps", "IEPs"),
    (f"ieps/{id_named('IEP')}", f"IEP {id_named('IEP')}"),
    (f"ieps/{id_named('IEP')}/validation", f"validation of IEP {id_named('IEP')}"),
    (f"ieps/{id_named('IEP')}/changes", f"changes of IEP {id_named('IEP')}"),
    ("sped-activity", "sped activity"),
    ("consents", "consents"),
]


async def test_who_sees_what_and_that_it_is_logged(ieps: ServiceQueries) -> None:
    """Owner and former owner see the record, another LEA learns the owner, and the access log has
    each view."""
    await ieps.keep(*newest(moved(scenario.submitted())))

    for number, (path, what) in enumerate(PATHS):
        assert (await ieps.get(f"{HIS}/{path}", CADDO)).status_code == 200
        assert (await ieps.get(f"{HIS}/{path}", OWNER)).status_code == 200
        turned_away = await ieps.get(f"{HIS}/{path}", ORLEANS)
        assert (turned_away.status_code, codes(turned_away)) == (403, ["ACC-005"])
        assert "Caddo" in turned_away.json()["detail"]
        assert (await ieps.access_log())[3 * number :] == [
            (CADDO, STUDENT, what, True),
            (OWNER, STUDENT, what, True),
            (ORLEANS, STUDENT, what, False),
        ]


async def test_a_former_owner_sees_its_own_time(ieps: ServiceQueries) -> None:
    """The former owner does not see the new LEA's records. The new LEA sees the records of both."""
    history = moved(scenario.submitted())
    amended = scenario.after(history, scenario.amend(), by=actor(CADDO))
    await ieps.keep(*newest(amended))

    assert [one["amendment"] for one in (await ieps.get(f"{HIS}/ieps", OWNER)).json()] == [0]
    assert [one["amendment"] for one in (await ieps.get(f"{HIS}/ieps", CADDO)).json()] == [1, 0]
    hidden = await ieps.get(f"{HIS}/ieps/{id_named('amendment')}", OWNER)
    assert (hidden.status_code, codes(hidden)) == (404, ["IEP-007"])


async def test_a_former_owner_sees_its_records_as_they_were_when_the_student_left(
    ieps: ServiceQueries,
) -> None:
    """The former owner does not see what the new LEA changes in an old evaluation.

    The new LEA and the state see the evaluation as it is today.
    """
    history = moved(scenario.after(scenario.open_record(), scenario.request()))
    later = scenario.after(history, scenario.parent_says(ParentDecision.CONSENTED), by=actor(CADDO))
    await ieps.keep(*newest(later))

    path = f"{HIS}/evaluations/{id_named('evaluation')}"
    [listed] = (await ieps.get(f"{HIS}/evaluations", OWNER)).json()
    assert listed == (await ieps.get(path, OWNER)).json()
    assert (listed["stage"], listed["lea"], listed["parent_decision"]) == ("requested", OWNER, None)
    for lea, role in ((CADDO, Role.READER), ("LA", Role.STATE)):
        assert (await ieps.get(path, lea, role)).json()["parent_decision"] == "consented"


async def test_a_former_owner_reads_its_draft(ieps: ServiceQueries) -> None:
    """A former owner reads the forms of its draft, also after the new LEA has adopted and discarded it."""
    met = MOVED_ON + timedelta(days=7)
    adopted = scenario.draft("adopted", meeting_on=met, begin_on=met, forms=(), copies=id_named("IEP"))
    history = scenario.after(moved(scenario.drafted()), adopted, scenario.discard(), by=actor(CADDO))
    await ieps.keep(*newest(history))

    draft = f"{HIS}/ieps/{id_named('IEP')}"
    for path in (draft, f"{draft}/validation", f"{draft}/changes"):
        assert (await ieps.get(path, OWNER)).status_code == 200
    assert (await ieps.get(draft, OWNER)).json()["stage"] == "draft"
    hidden = await ieps.get(f"{HIS}/ieps/{id_named('adopted')}", OWNER)
    assert (hidden.status_code, codes(hidden)) == (404, ["IEP-007"])


async def test_an_lea_that_claims_a_student_back_sees_all(ieps: ServiceQueries) -> None:
    """An LEA that owns the student again sees the records of the LEA in between."""
    amended = scenario.after(moved(scenario.submitted()), scenario.amend(), by=actor(CADDO))
    back = scenario.records_after(
        scenario.claimed(OWNER, MOVED_ON + timedelta(days=30), "claimed back"), after=amended
    )
    await ieps.keep(*newest(back))
    assert [one["amendment"] for one in (await ieps.get(f"{HIS}/ieps", OWNER)).json()] == [1, 0]


async def test_a_student_nobody_added(ieps: ServiceQueries) -> None:
    """A query about an unknown State ID says so. Without a token there is no answer."""
    for path, _ in PATHS:
        answer = await ieps.get(f"{HIS}/{path}", OWNER)
        assert (answer.status_code, codes(answer)) == (404, ["REC-001"])
        assert (await ieps.http.get(f"{HIS}/{path}")).status_code == 401


async def test_what_the_student_does_not_have(ieps: ServiceQueries) -> None:
    """A query for an evaluation or IEP that the student does not have finds nothing."""
    await ieps.keep(*newest(scenario.submitted()))

    for path, code in (
        (f"evaluations/{id_named('other')}", "EVA-003"),
        (f"ieps/{id_named('other')}", "IEP-007"),
        (f"ieps/{id_named('other')}/validation", "IEP-007"),
        (f"ieps/{id_named('other')}/changes", "IEP-007"),
    ):
        answer = await ieps.get(f"{HIS}/{path}", OWNER)
        assert (answer.status_code, codes(answer)) == (404, [code])
