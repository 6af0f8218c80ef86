"""What the input of an estimate may be: impossible facts are refused by name, possible ones come back normalised."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.core.household import Assumed, BadInput, Household, Money, Period, parse_household

CHILD = {"nights_per_year": 60, "equal_care": False}


def facts(**changes):
    return {"income": {"amount": "28000", "period": "year"}, "receiving_parents": [{"children": [CHILD]}]} | changes


def child(**changes):
    return facts(receiving_parents=[{"children": [CHILD | changes]}])


def income(amount, period="year", **more):
    return facts(income={"amount": amount, "period": period} | more)


IMPOSSIBLE = [
    (child(nights_per_year=367), "receiving_parents[0].children[0].nights_per_year"),
    (child(nights_per_year=-1), "receiving_parents[0].children[0].nights_per_year"),
    (child(nights_per_year=60.5), "receiving_parents[0].children[0].nights_per_year"),
    (child(nights_per_year="60"), "receiving_parents[0].children[0].nights_per_year"),
    (child(nights_per_year=True), "receiving_parents[0].children[0].nights_per_year"),
    (child(nights_per_year_up_to=59), "receiving_parents[0].children[0].nights_per_year_up_to"),
    (child(equal_care="yes"), "receiving_parents[0].children[0].equal_care"),
    (child(nights=4), "receiving_parents[0].children[0].nights"),
    (facts(receiving_parents=[]), "receiving_parents"),
    (facts(receiving_parents=[{"children": []}]), "receiving_parents[0].children"),
    (facts(receiving_parents=[{"name": "A"}]), "receiving_parents[0].children"),
    (facts(receiving_parents=[{"children": [CHILD] * 10_001}]), "receiving_parents[0].children"),
    (facts(receiving_parents=[{"children": [CHILD] * 15}] * 2), "receiving_parents"),
    (facts(receiving_parents=[{"children": [CHILD]}] * 11), "receiving_parents"),
    (facts(receiving_parents=[{"name": " ", "children": [CHILD]}]), "receiving_parents[0].name"),
    (facts(receiving_parents=[{"name": "a\u0000b", "children": [CHILD]}]), "receiving_parents[0].name"),
    (facts(receiving_parents="A"), "receiving_parents"),
    (income("-1"), "income.amount"),
    (income("-0.01"), "income.amount"),
    (income("NaN"), "income.amount"),
    (income("Infinity"), "income.amount"),
    (income("1e400"), "income.amount"),
    (income("28,000"), "income.amount"),
    (income("£28000"), "income.amount"),
    (income(""), "income.amount"),
    (income(" 28000"), "income.amount"),
    (income("٢٨٠٠٠"), "income.amount"),
    (income("9" * 5000), "income.amount"),
    (income("1000000000.01"), "income.amount"),
    (income(28000.5), "income.amount"),
    (income(float("nan")), "income.amount"),
    (income(10**5000), "income.amount"),
    (income(Decimal("1e999999")), "income.amount"),
    (income(Decimal("sNaN")), "income.amount"),
    (income(True), "income.amount"),
    (income(None), "income.amount"),
    (income("28000", up_to="27000"), "income.up_to"),
    (income("28000", period="fortnight"), "income.period"),
    (income("28000", period=None), "income.period"),
    (income("28000", period=["year"]), "income.period"),
    (facts(income={"amount": "28000"}), "income.period"),
    (facts(income="28000"), "income"),
    (facts(pension={"amount": "-5", "period": "week"}), "pension.amount"),
    (facts(historic_income={"amount": "x", "period": "year"}), "historic_income.amount"),
    (facts(other_children_at_home=10_001), "other_children_at_home"),
    (facts(other_children_at_home=-1), "other_children_at_home"),
    (facts(privately_maintained_children=1.0), "privately_maintained_children"),
    (facts(benefit="universal credit"), "benefit"),
    (facts(nil_reason="rich"), "nil_reason"),
    (facts(collection={}), "collection"),
    (facts(partner_means_tested_benefit="false"), "partner_means_tested_benefit"),
    (facts(assumed=["everything"]), "assumed"),
    (facts(nights=4), "nights"),
    ({"receiving_parents": [{"children": [CHILD]}]}, "income"),
    ({"income": None}, "receiving_parents"),
    ([], "body"),
    (None, "body"),
]


@pytest.mark.parametrize(("data", "field"), IMPOSSIBLE, ids=[f"{number} {row[1]}" for number, row in enumerate(IMPOSSIBLE)])
def test_impossible_input_is_refused_by_name(data, field):
    with pytest.raises(BadInput) as refused:
        parse_household(data)
    assert refused.value.field == field
    assert refused.value.detail


@pytest.mark.parametrize(
    ("amount", "expected"), [("28000", "28000"), (28000, "28000"), (Decimal("28000.50"), "28000.50"), ("0.5", "0.5")]
)
def test_amounts_are_exact(amount, expected):
    assert parse_household(income(amount)).income == Money(Decimal(expected), Period.YEAR)


def test_only_income_and_receiving_parents_are_required_and_the_rest_is_said_to_be_assumed():
    household = parse_household({"income": None, "receiving_parents": [{"children": [{}]}, {"children": [CHILD]}]})
    assert household.income is None
    assert [home.name for home in household.homes] == ["A", "B"]
    assert household.assumed == {
        Assumed.PENSION,
        Assumed.NIGHTS,
        Assumed.OTHER_CHILDREN,
        Assumed.PRIVATE_CHILDREN,
        Assumed.BENEFIT,
    }


def test_stated_facts_are_not_assumed():
    stated = facts(
        pension={"amount": "0", "period": "week"}, other_children_at_home=0, privately_maintained_children=0, benefit="none"
    )
    assert parse_household(stated).assumed == frozenset()


def test_the_normalised_input_makes_the_same_household_again():
    data = facts(
        income={"amount": "2300.5", "period": "month", "up_to": "2500"},
        receiving_parents=[{"name": "Home one", "children": [{}, {"nights_per_year": 10, "nights_per_year_up_to": 20}]}],
        nil_reason=None,
        collection="direct_pay",
    )
    household = parse_household(data)
    again = parse_household(household.to_input())
    assert again == household
    assert again.to_input() == household.to_input()
    assert household.to_input()["income"] == {"amount": "2300.50", "period": "month", "up_to": "2500"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.decimals(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["income", "amount", "period", "receiving_parents", "children", "x"]), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_whatever_comes_is_read_or_refused(data):
    try:
        assert isinstance(parse_household(data), Household)
    except BadInput as refused:
        assert refused.field


@given(st.dictionaries(st.sampled_from(sorted(facts())), json_values))
def test_a_broken_field_is_read_or_refused(changes):
    try:
        assert isinstance(parse_household(facts(**changes)), Household)
    except BadInput as refused:
        assert refused.field
