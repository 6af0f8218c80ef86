"""The dated table of the law's figures."""

from datetime import date
from decimal import Decimal

import pytest
import yaml

from chat_server.core.estimate import estimate
from chat_server.core.figures import FACTS, NoFigures, in_force
from chat_server.core.formula import work_out
from chat_server.core.household import Child, Collection, Home, Household, Money, Period

CASE = Household(Money(Decimal(420), Period.WEEK), (Home("A", (Child(),)),), collection=Collection.COLLECT_AND_PAY)


@pytest.mark.parametrize(
    ("on", "application", "paying"),
    [
        (date(2013, 11, 25), "0", "50.40"),
        (date(2014, 6, 29), "0", "50.40"),
        (date(2014, 6, 30), "20", "60.48"),
        (date(2024, 2, 25), "20", "60.48"),
        (date(2024, 2, 26), "0", "60.48"),
        (date(2026, 11, 21), "0", "60.48"),
    ],
)
def test_each_date_computes_with_its_own_fees(on, application, paying):
    result = estimate(CASE, in_force(on))
    assert str(result.application_fee) == application
    assert str(result.paying_total) == paying
    assert result.as_of == on


def test_before_the_figures_were_complete_there_is_no_estimate():
    with pytest.raises(NoFigures) as refused:
        in_force(date(2013, 11, 24))
    assert "flat_rate" in refused.value.missing


def test_a_change_in_the_law_is_one_new_row():
    rows = yaml.safe_load(FACTS.read_text()) + [
        {"from": date(2030, 4, 1), "source": "an Act to come", "values": {"flat_rate": "8", "basic_percent": ["13", "17", "20"]}}
    ]
    assert work_out(CASE, in_force(date(2030, 3, 31), rows)).weekly == Decimal("50.40")
    assert work_out(CASE, in_force(date(2030, 4, 1), rows)).weekly == Decimal("54.60")


def test_a_figure_that_the_formula_does_not_know_is_an_error():
    rows = yaml.safe_load(FACTS.read_text()) + [{"from": date(2030, 1, 1), "source": "", "values": {"flat_rat": "8"}}]
    with pytest.raises(ValueError, match="flat_rat"):
        in_force(date(2030, 1, 1), rows)


def test_every_row_names_its_source():
    for row in yaml.safe_load(FACTS.read_text()):
        assert row["source"].strip()
