"""The numbers of the statutory formula that are in force on a date, from `facts/figures.yaml`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FACTS = Path(__file__).parent / "facts" / "figures.yaml"


class NoFigures(LookupError):
    """The scheme's numbers are not known for that date: it is before all of them applied."""

    def __init__(self, on: date, missing: Iterable[str]):
        self.on = on
        self.missing = tuple(sorted(missing))
        super().__init__(f"no figures on {on.isoformat()} for: {', '.join(self.missing)}")


@dataclass(frozen=True, slots=True)
class Figures:
    """Every number of the formula on one date. Money is pounds a week; percentages are whole (12 means 12%)."""

    on: date
    nil_below: Decimal
    flat_rate: Decimal
    half_flat_rate: Decimal
    flat_up_to: Decimal
    minimum: Decimal
    basic_from: Decimal
    basic_plus_above: Decimal
    income_cap: Decimal
    reduced_percent: tuple[tuple[Decimal, ...], ...]
    basic_percent: tuple[Decimal, ...]
    basic_plus_percent: tuple[Decimal, ...]
    other_children_percent: tuple[Decimal, ...]
    shared_care_sevenths: tuple[tuple[int, int], ...]
    half_care_nights: int
    half_care_further: Decimal
    assumed_nights: int
    default_rate: tuple[Decimal, ...]
    income_change_percent: Decimal
    application_fee: Decimal
    collect_paying_percent: Decimal
    collect_receiving_percent: Decimal

    @property
    def night_lines(self) -> tuple[int, ...]:
        """The numbers of nights a year at which the reduction for shared care grows, in order."""
        return (*(nights for nights, _ in self.shared_care_sevenths), self.half_care_nights)


def in_force(on: date, rows: Iterable[Mapping[str, Any]] | None = None) -> Figures:
    """The figures on a date; `rows` replaces the facts file. Raises `NoFigures` before the scheme's numbers were complete."""
    return _in_force(on) if rows is None else _merge(on, rows)


@cache
def _rows() -> tuple[Mapping[str, Any], ...]:
    return tuple(yaml.safe_load(FACTS.read_text(encoding="utf-8")))


@cache
def _in_force(on: date) -> Figures:
    return _merge(on, _rows())


def _merge(on: date, rows: Iterable[Mapping[str, Any]]) -> Figures:
    values: dict[str, Any] = {}
    for row in sorted(rows, key=lambda row: row["from"]):
        if row["from"] <= on:
            values |= row["values"]
    names = {field.name for field in fields(Figures)} - {"on"}
    if unknown := values.keys() - names:
        raise ValueError(f"unknown figures: {', '.join(sorted(unknown))}")
    if missing := names - values.keys():
        raise NoFigures(on, missing)
    return Figures(on=on, **{name: _value(value) for name, value in values.items()})


def _value(value: Any) -> Any:
    """Text is an exact decimal, a list a tuple of them, a mapping pairs in order; a whole number counts nights."""
    match value:
        case str():
            return Decimal(value)
        case list():
            return tuple(_value(item) for item in value)
        case dict():
            return tuple(sorted(value.items()))
        case int():
            return value
    raise TypeError(f"a figure is text, a whole number, a list or a mapping, not {value!r}")
