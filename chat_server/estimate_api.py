"""`POST /api/estimate`: the statutory sum over HTTP. The same function answers in the chat and on the agents' console."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, NoReturn
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from chat_server.core.estimate import estimate
from chat_server.core.figures import in_force
from chat_server.core.household import MAX_NIGHTS, BadInput, Household, parse_household
from chat_server.errors import Problem

BODY_LIMIT_BYTES = 2 * 1024 * 1024
LONDON = ZoneInfo("Europe/London")

router = APIRouter(tags=["estimate"])


class MoneyInput(BaseModel):
    """An amount before tax for a period."""

    amount: str = Field(description="Pounds as a decimal string", examples=["28000"])
    period: Literal["year", "month", "four_weeks", "week"]
    up_to: str | None = Field(None, description="Upper end, when only a range of income is known")


class ChildInput(BaseModel):
    """A child being paid for."""

    nights_per_year: int | None = Field(None, ge=0, le=MAX_NIGHTS, description="Nights a year with the paying parent")
    nights_per_year_up_to: int | None = Field(None, ge=0, le=MAX_NIGHTS, description="Upper end, when a range is known")
    equal_care: bool = Field(False, description="All day-to-day care, not only nights, is equal")


class HomeInput(BaseModel):
    """A receiving parent's home."""

    name: str | None = Field(None, description="A, B, ... when absent")
    children: list[ChildInput]


class EstimateInput(BaseModel):
    """The facts of an estimate. It describes the input; `core.household` reads and checks it."""

    income: MoneyInput | None = Field(description="The paying parent's income before tax; null when it is not known")
    receiving_parents: list[HomeInput]
    historic_income: MoneyInput | None = Field(None, description="The last tax year's income, as HMRC has it")
    pension: MoneyInput | None = Field(None, description="Contributions to take off the income")
    other_children_at_home: int = Field(0, description="Children at the paying parent's home, with child benefit")
    privately_maintained_children: int = Field(0, description="Children supported by court order or regular payments")
    benefit: Literal["none", "own_list", "means_tested"] = "none"
    partner_means_tested_benefit: bool = False
    partner_is_paying_parent: bool = False
    nil_reason: (
        Literal["child", "prisoner", "aged_16_17_on_benefit", "youth_training", "care_home_on_benefit"] | None
    ) = None
    collection: Literal["none", "direct_pay", "collect_and_pay"] = "none"
    assumed: list[str] = Field([], description="Names of facts that nobody stated, as in an earlier result's `input`")


def today() -> date:
    """The day in the United Kingdom, on which the figures of the law are looked up."""
    return datetime.now(LONDON).date()


@router.post(
    "/api/estimate",
    summary="Work out what the statutory formula gives",
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": EstimateInput.model_json_schema()}}}
    },
)
async def post_estimate(
    request: Request, on: Annotated[date, Depends(today)], lang: Literal["en", "cy"] = "en"
) -> JSONResponse:
    """The weekly amount with its steps; 422 names the field that cannot be, and gives no figure."""
    household = _household(await _body(request))
    return JSONResponse(estimate(household, in_force(on), lang).to_dict())


def _household(body: bytes) -> Household:
    try:
        data = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, ArithmeticError, RecursionError):
        raise Problem("bad_frame", "Send one JSON object.") from None
    try:
        return parse_household(data)
    except BadInput as refused:
        raise Problem(refused.code, refused.detail, field=refused.field) from None


async def _body(request: Request) -> bytes:
    """The request's body; refused as soon as it is over the limit."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT_BYTES:
            raise Problem("too_long", f"Send at most {BODY_LIMIT_BYTES} bytes.")
    return bytes(body)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
