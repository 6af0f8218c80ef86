"""`POST /api/estimate` over HTTP."""

from datetime import date

import httpx
import pytest
from fastapi import FastAPI

from chat_server import estimate_api
from chat_server.core import household
from chat_server.errors import Problem, answer_problem

REQUEST = {
    "income": {"amount": "420", "period": "week"},
    "historic_income": None,
    "pension": {"amount": "0", "period": "month"},
    "receiving_parents": [{"name": "A", "children": [{"nights_per_year": 0, "equal_care": False}]}],
    "other_children_at_home": 0,
    "privately_maintained_children": 0,
    "benefit": "none",
    "partner_means_tested_benefit": False,
    "partner_is_paying_parent": False,
    "nil_reason": None,
    "collection": "collect_and_pay",
}


@pytest.fixture
async def client():
    app = FastAPI()
    app.include_router(estimate_api.router)
    app.add_exception_handler(Problem, answer_problem)
    app.dependency_overrides[estimate_api.today] = lambda: date(2026, 11, 21)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat") as client:
        yield client


async def test_the_example_of_the_protocol(client):
    answer = await client.post("/api/estimate", json=REQUEST)
    assert answer.status_code == 200
    result = answer.json()
    assert (result["rate"], result["weekly"], result["monthly"], result["annual"]) == ("basic", "50.40", "218.40", "2620.80")
    assert result["homes"] == [{"name": "A", "children": 1, "weekly": "50.40"}]
    assert (result["fees"]["paying_total"], result["fees"]["receiving_total"]) == ("60.48", "48.38")
    assert result["as_of"] == "2026-11-21"
    assert result["input"] == REQUEST | {"assumed": []}
    assert {"key", "text", "value"} == set(result["steps"][0])


async def test_the_result_of_the_normalised_input_is_the_same(client):
    minimal = {"income": {"amount": "28000", "period": "year"}, "receiving_parents": [{"children": [{}]}]}
    first = (await client.post("/api/estimate", json=minimal)).json()
    again = (await client.post("/api/estimate", json=first["input"])).json()
    assert again == first


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"receiving_parents": [{"children": [{"nights_per_year": 367}]}]}, "receiving_parents[0].children[0].nights_per_year"),
        ({"income": {"amount": "-1", "period": "week"}}, "income.amount"),
        ({"receiving_parents": [{"children": []}]}, "receiving_parents[0].children"),
        ({"receiving_parents": [{"children": [{}] * 10_001}]}, "receiving_parents[0].children"),
        ({"other_children_at_home": 10_001}, "other_children_at_home"),
        ({"bonus": 1}, "bonus"),
    ],
)
async def test_impossible_input_is_a_problem_that_names_the_field(client, change, field):
    answer = await client.post("/api/estimate", json=REQUEST | change)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"], problem["field"]) == (422, "bad_input", field)
    assert problem["detail"]
    assert "weekly" not in problem


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b'{"income": NaN}', b"[" * 100_000, b'{"income": {"amount": 1' + b"0" * 5000 + b"}}"],
)
async def test_what_is_not_json_is_refused(client, body):
    answer = await client.post("/api/estimate", content=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_frame"


async def test_a_number_with_a_huge_exponent_is_refused_by_name(client):
    body = b'{"income": {"amount": 1e400, "period": "year"}, "receiving_parents": [{"children": [{}]}]}'
    answer = await client.post("/api/estimate", content=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "income.amount")


async def test_a_request_over_the_limit_is_refused_without_being_read_whole(client):
    answer = await client.post("/api/estimate", content=b" " * (estimate_api.BODY_LIMIT_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_long")


async def test_the_description_knows_the_fields_that_are_read(client):
    """The model in the OpenAPI description and the parser are two lists of the same names."""
    document = (await client.get("/openapi.json")).json()
    schema = document["paths"]["/api/estimate"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    stated = household.parse_household(REQUEST).to_input()
    assert set(schema["properties"]) == set(stated)
    assert set(schema["required"]) == {"income", "receiving_parents"}


async def test_the_steps_are_in_welsh_when_asked(client):
    result = (await client.post("/api/estimate", params={"lang": "cy"}, json=REQUEST)).json()
    assert result["lang"] == "cy" and result["weekly"] == "50.40"
    assert all(step["text"] for step in result["steps"]) and result["assumptions"][0].startswith("Amcangyfrif yw hwn")
    assert (await client.post("/api/estimate", params={"lang": "de"}, json=REQUEST)).status_code in (400, 422)
