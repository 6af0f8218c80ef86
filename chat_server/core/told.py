"""Says back what a parent told, in short phrases, and shows how a year's nights were made.

The phrases are data, in `facts/estimate_words.yaml`.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from chat_server.core.enquiry import Fact
from chat_server.core.explain import counted, pounds, words
from chat_server.core.household import Period


def told(facts: Mapping[str, Fact], names: Iterable[str]) -> str:
    """The named facts in one line: "£28,000 a year before tax; 2 children"."""
    return words()["told_join"].join(dict.fromkeys(_phrase(name, facts[name]) for name in names if facts[name] is not None))


def amount(value: Fact, *, thousands: bool = False) -> str:
    """An amount that is half told: "£1,500", or "£28,000 to £30,000"; `thousands`: 30 may mean £30,000."""
    ends = [Decimal(value[name]) * (1000 if thousands else 1) for name in ("amount", "up_to") if value.get(name)]
    return " to ".join(map(pounds, ends))


def sum_of_nights(nights: Fact) -> str:
    """How a year's nights were made, piece by piece."""
    templates = words()["night_sums"]
    return " ".join(templates[part["kind"]].format_map(part) for part in nights["parts"])


def nights_of_each(nights: Fact) -> str:
    return ", ".join(str(number) for number in nights["each"])


def _phrase(name: str, value: Fact) -> str:
    if isinstance(value, list) and name != "other_homes":
        of_home = words()["told"]["of_home"]
        each = (of_home.format(fact=_phrase(name, one), number=place) for place, one in enumerate(value, 1) if one is not None)
        return words()["told_join"].join(each)
    form, blanks = _form(name, value)
    return words()["told"][form].format_map(blanks)


def _form(name: str, value: Fact) -> tuple[str, dict[str, Any]]:
    if isinstance(value, Mapping) and value.get("unknown"):
        return f"{name}_unknown", {}
    match name:
        case "income" | "historic_income":
            return _income(name, value)
        case "pension":
            return _pension(value)
        case "nights":
            return _nights(value)
        case "children":
            return name, {"children": counted("children", value)}
        case "other_homes" if isinstance(value, list) and len(value) > 1:
            each = [counted("children", number) for number in value]
            return "other_homes_several", {"homes": words()["list_join"].join([", ".join(each[:-1]), each[-1]])}
        case "other_homes" if isinstance(value, list):
            return name, {"children": counted("children", value[0])}
        case "other_children" | "other_homes":
            noun = "others" if name == "other_children" else "children"
            return (name, {noun: counted(noun, value)}) if value else (f"{name}_none", {})
        case "equal_care":
            return f"equal_care_{'yes' if value else 'no'}", {}
        case "other_nights" if isinstance(value, Mapping):
            return f"{name}_each", {"each": nights_of_each(value)}
        case "other_nights":
            return name, {"nights": value}
        case "nil_reason":
            return f"nil_reason_{value or 'none'}", {}
        case "partner_pays":
            return name, {}
    return f"{name}_{value}", {}


def _income(name: str, value: Fact) -> tuple[str, dict[str, Any]]:
    blanks = {"amount": pounds(Decimal(value["amount"])), "period": words()["periods"][Period(value["period"])]}
    if name == "historic_income":
        return name, blanks
    if not Decimal(value["amount"]) and not value.get("up_to"):
        return "income_none", {}
    if value.get("up_to"):
        return "income_range", blanks | {"up_to": pounds(Decimal(value["up_to"]))}
    return "income_net" if value.get("net") else "income", blanks


def _pension(value: Fact) -> tuple[str, dict[str, Any]]:
    if "percent" in value:
        return "pension_percent", {"percent": f"{value['percent']}%"}
    if "amount" in value:
        blanks = {"amount": pounds(Decimal(value["amount"])), "period": words()["periods"][Period(value["period"])]}
        return "pension_amount", blanks
    return f"pension_{next(iter(value))}", {}


def _nights(value: Fact) -> tuple[str, dict[str, Any]]:
    if value.get("shared_unknown"):
        return "nights_shared", {}
    if value.get("each"):
        return "nights_each", {"each": nights_of_each(value)}
    if value.get("up_to"):
        return "nights_range", {"nights": value["nights"], "up_to": value["up_to"]}
    return ("nights", {"nights": value["nights"]}) if value["nights"] else ("nights_none", {})
