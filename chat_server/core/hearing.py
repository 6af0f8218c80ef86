"""Takes a parent's message into an enquiry: every fact that it states, whatever was asked, and answers to what was asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from chat_server.core.enquiry import UNKNOWN, Enquiry, Fact
from chat_server.core.figures import Figures
from chat_server.core.further_homes import OF_A_HOME, may_be_several, told_of_home
from chat_server.core.household import MAX_AMOUNT, MAX_CHILDREN, Period, plain
from chat_server.core.phrases import answers
from chat_server.core.phrases.children import read_children
from chat_server.core.phrases.circumstances import has_earnings, partner_pays_maintenance, read_benefits, read_nil_reason
from chat_server.core.phrases.money import Income, income_not_known, mentions, periods_in, read_incomes, read_pension
from chat_server.core.phrases.nights import Nights, read_nights, with_period
from chat_server.core.phrases.others import (
    no_others,
    read_elsewhere,
    read_homes,
    read_how_supported,
    read_other_children,
)
from chat_server.core.phrases.words import normalise

MOST_MISSES = 2
"""Answers to one question that could not be read; after one more the fact is taken as not known."""
PLAIN_WORDS = 4
"""An answer of so few words, to what was asked, needs no showing back before it counts."""
_LARGE = re.compile(r"\d{3}|\dk\b|£")
MOST_HOURS = 100
"""Hours or days a week beyond this are no answer to how many there are."""
LEAST_AMOUNT = 20
"""A smaller number, where an amount or its period is waited for, is no income."""
ABOUT_OTHERS = ("other_children", "other_homes", "private_children", "other_nights")
"""Questions in whose answers a number of children is not that of the children being paid for."""
NOT_OF_NIGHTS = ("equal_care", "other_homes", "private_children")
"""Questions whose answers ("half and half") tell no nights unless they put something right."""
_ALL_HOMES = re.compile(r"\b(?:both|all|each|same|either|every|neither)\b")
_OUT_OF_PRISON = re.compile(r"\b(?:not in|out of|isn'?t in|released|left) (?:prison|jail)|\bfree\b")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TOLD_BEFORE = re.compile(r"\b(?:(?:over ?)?nights?|income|wages?|salary|pension)\b")


class Outcome(StrEnum):
    """What a message did. `nothing`: it told no fact, and is for others to answer."""

    TAKEN = "taken"
    NOTHING = "nothing"
    STOP = "stop"
    RESTART = "restart"
    WHY = "why"


@dataclass(frozen=True, slots=True)
class Heard:
    """The enquiry after a message; the facts it stated, those that replaced a known one, and a remark to make on it."""

    enquiry: Enquiry
    outcome: Outcome
    stated: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    remark: str | None = None


def hear(enquiry: Enquiry, text: str, asking: str | None, figures: Figures) -> Heard:
    """Take everything that a message states. `asking` is the fact that was asked for, None where nothing was."""
    words = normalise(text)
    asked, enquiry = enquiry, replace(enquiry, shown=tuple(dict.fromkeys((*enquiry.shown, *enquiry.facts))))
    if answers.stop(words):
        return Heard(enquiry, Outcome.STOP)
    if answers.restart(words):
        return Heard(Enquiry(role=enquiry.role), Outcome.RESTART)
    reading = _Reading(enquiry, words, asking, figures)
    reading.read()
    if reading.found or reading.settled or reading.remark:
        return reading.heard()
    # What is being checked stays unchecked until it is answered.
    unheard = asked if asking == "check" else enquiry
    return Heard(unheard, Outcome.WHY if answers.asks_why(words) else Outcome.NOTHING)


def miss(enquiry: Enquiry, asking: str | None) -> Heard:
    """An answer that could not be read. After several the fact is taken as not known, so that nobody is held up."""
    if enquiry.misses < MOST_MISSES or asking in (None, "children", "check", "role"):
        return Heard(replace(enquiry, misses=enquiry.misses + 1), Outcome.TAKEN, remark="unclear")
    facts = {**enquiry.facts, asking: _not_known_of(enquiry.facts, asking)}
    return Heard(replace(enquiry, facts=facts, pending=None, misses=0), Outcome.TAKEN, stated=(asking,), remark="left_out")


def not_known(fact: str) -> Fact:
    """The value of a fact that the parent does not know or would rather not say."""
    if fact == "nights":
        return {"nights": 0, "up_to": None, "parts": [], "unknown": True, "confirmed": True}
    return dict(UNKNOWN)


def _not_known_of(facts: Mapping[str, Fact], fact: str) -> Fact:
    """As `not_known`; of several homes it is so of the one asked about, and children are then taken as in one home."""
    if fact == "other_homes" and may_be_several(facts):
        return [facts[fact]]
    return told_of_home(facts, fact, not_known(fact)) if fact in OF_A_HOME else not_known(fact)


class _Reading:
    """One message being read: each reader takes its words out of what is left for the next."""

    def __init__(self, enquiry: Enquiry, text: str, asking: str | None, figures: Figures):
        self.enquiry = enquiry
        self.facts = enquiry.facts
        self.role = enquiry.role
        self.text = text
        self.left = text
        self.asking = asking
        self.figures = figures
        self.corrects = answers.corrects(text)
        self.found: dict[str, Fact] = {}
        self.pending = enquiry.pending
        self.settled = False
        self.remark: str | None = None
        self.plain_answer = False

    def read(self) -> None:
        self._what_was_half_told()
        nights_first = self.asking in ("nights", "other_nights")
        numbers = (self._nights, self._income) if nights_first else (self._income, self._nights)
        elsewhere_first = self.asking == "other_children"
        others = (self._elsewhere, self._other_children) if elsewhere_first else (self._other_children, self._elsewhere)
        for reader in (
            self._nil_reason,
            self._benefits,
            self._pension,
            self._no_others,
            *others,
            *numbers,
            self._children,
            self._yes_no_or_unknown,
        ):
            reader()

    def heard(self) -> Heard:
        before = self.facts
        known = [name for name in self.found if before.get(name) is not None]
        changed = [name for name in known if _differs(name, before[name], self.found[name])]
        shown = tuple(name for name in self.enquiry.shown if name not in self.found)
        if self.plain_answer or self._is_short_answer():
            shown = (*shown, *self.found)
        facts = {**before, **self.found}
        if "other_homes" in changed:
            facts |= {name: None for name in OF_A_HOME if name not in self.found}
        enquiry = Enquiry(
            facts=facts,
            pending=self.pending,
            shown=shown,
            last=next(iter(self.found), self.enquiry.last),
            role=self.role,
        )
        return Heard(enquiry, Outcome.TAKEN, tuple(self.found), tuple(changed), self.remark)

    def _is_short_answer(self) -> bool:
        only = set(self.found) == {self.asking} and self.asking not in ("income", "nights", "pension", "other_nights")
        return only and len(self.text.split()) <= PLAIN_WORDS

    # --- what was half told: "a week, a month or a year?", "is that right?" --------------------------------------------

    def _what_was_half_told(self) -> None:
        if self.asking == "check":
            self._settle_check()
        elif self.asking == "nights" and not self._waits_for("nights"):
            self._settle_sum_of_nights()
        elif self.asking == "other_homes" and may_be_several(self.facts) and not self._waits_for("other_homes"):
            self._settle_homes()
        elif self.asking and self.pending and self._waits_for(self.asking):
            self._settle(self.pending["how"], self.pending.get("value"))

    def _settle(self, how: str, value: Fact) -> None:
        """`how` says what was lacking, `value` what was told already."""
        match self.asking:
            case "role":
                self._settle_role(value)
            case "income":
                self._settle_income(how, value)
            case "pension":
                self._settle_pension(how, value)
            case "nights":
                self._settle_nights(how, value)
            case "other_nights":
                self._settle_other_nights(how, value)
            case "benefits":
                self._settle_benefits(how, value)

    def _settle_check(self) -> None:
        if answers.yes(self.text):
            self.settled = True
        elif answers.no(self.text) and not _NUMBER.search(self.text) and len(self.text.split()) <= PLAIN_WORDS:
            self.remark = "check_wrong"

    def _settle_sum_of_nights(self) -> None:
        """The sum was shown: a yes, or the same again, confirms it; a no asks for a year's nights."""
        nights = self.facts.get("nights")
        if not nights or nights.get("confirmed") is not False:
            return
        again = self._nights_in(self.left, asked=True)
        told = again.value if again and not again.lacks else None
        if told and not told["nights"] and answers.no(self.text) and len(self.text.split()) <= 2:
            told = None  # a plain "no" is about the sum, and not about the nights
        yes = answers.yes(self.text) and not (self.corrects and told)
        if yes or answers.unknown(self.text) or (told and _same_nights(told, nights)):
            guess = nights.get("guess") or not (yes or told)
            self.found["nights"] = {**nights, "confirmed": True, "guess": guess}
            self.plain_answer = True
            self.left = _after_yes(self.left) if yes else ""
        elif answers.no(self.text) and not told:
            self._wait("nights", "again")
            self.left = ""

    def _settle_homes(self) -> None:
        """Several children elsewhere: whether they live in one home, and how many in each."""
        homes = read_homes(self.text, self.facts["other_homes"])
        if homes is None and answers.unknown(self.text):
            homes = self.facts["other_homes"]
        if homes is not None:
            self.found["other_homes"] = homes if isinstance(homes, list) else [homes]
            self.left = ""

    def _settle_role(self, value: Fact) -> None:
        role = _role_in(self.text)
        if role:
            self.role = role
            self._done()
            own = dict(value["me" if role == "paying" else "them"])
            self._keep_income(own, own.pop("lacks"))
            self.left = ""

    def _settle_income(self, how: str, value: Fact) -> None:
        if how == "hours":
            self._settle_hours(value)
        elif read_incomes(self.left, asked=True)[0] and _NUMBER.search(self.text):
            return
        elif how in ("period", "thousands") and (period := next(periods_in(self.text), None)):
            self._done()
            self._keep_income(*_in_period(value, period))
        elif how == "thousands" and answers.yes(self.text):
            self._done()
            self._keep_income({**_times(value, Decimal(1000)), "period": "year"}, None)
        elif how == "thousands" and answers.no(self.text):
            self._wait("income", "again")
        elif how in ("net", "turnover"):
            self._settle_before_tax(how, value)
        elif answers.unknown(self.text):
            self._done()
            self.found["income"] = not_known("income")
        if self.settled:
            self.left = ""

    def _settle_hours(self, value: Fact) -> None:
        numbers = [Decimal(number) for number in _NUMBER.findall(self.text)]
        money = any(mention.pounds or mention.thousands for mention in mentions(self.text))
        if numbers and numbers[0] <= MOST_HOURS and not money:
            self._done()
            self._keep_income({**_times(value, numbers[0]), "period": "week"}, None)

    def _settle_before_tax(self, how: str, value: Fact) -> None:
        """No other amount was given: it is used as it is, and the estimate says so."""
        gross = "before tax" in self.text or "gross" in self.text or "profit" in self.text
        if gross or answers.unknown(self.text) or answers.no(self.text) or answers.yes(self.text):
            self._done()
            guess = value.get("guess") or (how == "turnover" and not gross)
            self._keep_income({**value, "net": how == "net" and not gross, "guess": guess}, None)

    def _settle_pension(self, how: str, value: Fact) -> None:
        period = next((period for period in periods_in(self.text) if period in {*Period, "fortnight"}), None)
        if how == "period" and period and not _NUMBER.search(self.text):
            self._done()
            self.found["pension"] = _json_amount(_in_period(value, period)[0])
            self.left = ""

    def _settle_nights(self, how: str, value: Fact) -> None:
        if how == "period" and value and not _NUMBER.search(self.text):
            told = with_period(value["bare"], self.text)
            if told and told.value and not told.lacks:
                self._done()
                self._keep_nights(told)
                self.left = ""
        elif how == "varies" and not answers.is_question(self.text):
            told = self._nights_in(self.left, asked=True)
            if answers.unknown(self.text) or told is None or told.lacks == "varies":
                self._done()
                taken = {"nights": self.figures.assumed_nights, "unknown": False, "shared_unknown": True}
                self.found["nights"] = not_known("nights") | taken
                self.left = ""

    def _settle_other_nights(self, how: str, value: Fact) -> None:
        if how == "period" and value and not _NUMBER.search(self.text):
            told = with_period(value["bare"], self.text)
            if told and told.value and not told.lacks:
                self._keep_other_nights(told.value)

    def _keep_other_nights(self, value: Fact) -> None:
        """A number for all children of the home, or each child's. A sum made of a pattern is shown before it counts."""
        nights = {"each": value["each"]} if value.get("each") else value["nights"]
        self.found["other_nights"] = told_of_home(self.facts, "other_nights", nights, all_homes=self._of_all())
        self.plain_answer = set(self.found) == {"other_nights"} and _of_a_year(value)
        self._done()
        self.left = ""

    def _settle_benefits(self, how: str, value: Fact) -> None:
        if how != "earnings":
            return
        earns = has_earnings(self.text)
        if earns is None and answers.yes(self.text):
            earns = True
        if earns is None and (answers.no(self.text) or answers.unknown(self.text)):
            earns = False
        if earns is not None:
            self._done()
            self.found["benefits"] = "none" if earns else value or "means_tested"

    # --- facts ---------------------------------------------------------------------------------------------------------

    def _nil_reason(self) -> None:
        if self.role == "receiving" and self._speaks_of_self():
            return
        reason = read_nil_reason(self.left)
        if reason:
            self.found["nil_reason"] = reason.value
            self._done()
        elif self.facts.get("nil_reason") and _OUT_OF_PRISON.search(self.left):
            self.found["nil_reason"] = False

    def _benefits(self) -> None:
        if "benefits" in self.found:
            return
        asked = self.asking == "benefits"
        if self.role == "receiving" and self._speaks_of_self() and not asked:
            return
        if partner_pays_maintenance(self.left):
            self.found["partner_pays"] = True
        value, lacks = read_benefits(self.left, asked=asked or (self.asking == "income" and not _NUMBER.search(self.left)))
        if value:
            self.found["benefits"] = value
            if self.asking in ("benefits", "income"):
                self._done()
        elif lacks == "earnings":
            self._universal_credit()
        elif lacks == "which" and self.asking in ("benefits", "income", None) and not self._waits_for("benefits"):
            self._wait("benefits", "which")

    def _universal_credit(self) -> None:
        """Universal credit brings the flat rate only where there are no earnings."""
        income = self.facts.get("income")
        if has_earnings(self.left) is None and isinstance(income, Mapping) and income.get("amount"):
            self.found["benefits"] = "means_tested" if Decimal(income["amount"]) == 0 else "none"
        elif has_earnings(self.left) is None:
            partner = re.search(r"\bpartner|wife|husband|girlfriend|boyfriend\b", self.left)
            self._wait("benefits", "earnings", "partner" if partner else None)

    def _pension(self) -> None:
        asked = self.asking == "pension" and not (self.corrects and _LARGE.search(self.left))
        value, lacks, left = read_pension(self.left, asked=asked)
        if value is not None and not lacks:
            self.left = left
            self.found["pension"] = _json_amount(value)
            if asked:
                self._done()
        elif lacks and asked and not (lacks == "amount" and self._waits_for("pension")):
            self._wait("pension", lacks, _json_amount(value) if value else None)
            self.left = left

    def _no_others(self) -> None:
        """ "No other kids" answers both questions about children elsewhere."""
        if no_others(self.left):
            self.found["other_children"] = 0
            if "other_homes" not in self.facts or self.asking == "other_homes":
                self.found["other_homes"] = 0
            if self.asking in ("other_children", "other_homes"):
                self._done()

    def _other_children(self) -> None:
        if "other_children" in self.found:
            return
        asked = self.asking == "other_children" and not self._corrects_another()
        known = bool(self.facts.get("children"))
        read = read_other_children(self.left, asked=asked, others_known=known)
        self._number_of_others("other_children", asked, *read)

    def _elsewhere(self) -> None:
        if self.asking == "private_children" and read_how_supported(self.left):
            self._how_supported()
        elif self.asking != "private_children" and "other_homes" not in self.found:
            asked = self.asking == "other_homes" and not self._corrects_another()
            homes = read_homes(self.left, None) if asked else None
            self._number_of_others("other_homes", asked, *read_elsewhere(self.left, asked=asked))
            number = self.found.get("other_homes")
            homes = homes or (read_homes(self.text, number) if number and number > 1 else None)
            if number and isinstance(homes, list):
                self.found["other_homes"] = homes
            how = read_how_supported(self.text)
            if self.found.get("other_homes") and how in ("cms", "private"):
                facts = {**self.facts, **self.found, "private_children": None}
                self.found["private_children"] = told_of_home(facts, "private_children", how, all_homes=True)

    def _how_supported(self) -> None:
        """How each further home is paid for: one answer for the home asked about, several in order, or one for all."""
        hows = [how for part in re.split(r",|;|\band\b|\bbut\b", self.left) if (how := read_how_supported(part))]
        facts = dict(self.facts)
        for how in hows if len(hows) > 1 else [read_how_supported(self.left)]:
            facts["private_children"] = told_of_home(facts, "private_children", how, all_homes=self._of_all())
        self.found["private_children"] = facts["private_children"]
        self.left = ""

    def _of_all(self) -> bool:
        return bool(_ALL_HOMES.search(self.text))

    def _number_of_others(self, fact: str, asked: bool, number: int | None, lacks: str | None, left: str) -> None:
        if number is not None:
            self.left = left
            if not asked and self.role == "receiving" and self._speaks_of_self():
                return
            if number > MAX_CHILDREN:
                self.remark = "children_too_many"
                return
            self.found[fact] = number
            if asked:
                self._done()
        elif lacks and not self._waits_for(fact):
            self._wait(fact, lacks)

    def _income(self) -> None:
        if "income" in self.found or (self.asking == "check" and self.settled):
            return
        asked = self.asking == "income" and "benefits" not in self.found
        incomes, left = read_incomes(self.left, asked=asked)
        if not incomes and self.role != "paying" and not self.facts.get("income") and income_not_known(self.left):
            self.found["income"] = not_known("income")
        if not incomes or (self.asking == "pension" and "pension" in self.found and not self.corrects and incomes[0].lacks):
            return
        small = incomes[0].lacks and incomes[0].value["amount"] < LEAST_AMOUNT
        if small and self.corrects and self.enquiry.last in ("children", "nights"):
            return
        chosen = self._whose_income(incomes)
        if chosen is None:
            return
        self.left = left
        value, lacks = self._in_known_period(_json_amount(chosen.value), chosen.lacks)
        if lacks and self._waits_for("income") and Decimal(value["amount"]) < LEAST_AMOUNT:
            return
        if self._waits_for("income"):
            self._done()
        if chosen.last_year:
            self.found["historic_income"] = _json_amount(chosen.last_year)
        self._keep_income(value, lacks)

    def _in_known_period(self, value: Fact, lacks: str | None) -> tuple[Fact, str | None]:
        """ "2300 gross", after "1800 a month take home": the period is the one told before, where the size fits it."""
        known = (self.pending or {}).get("value") if self._waits_for("income") else self.facts.get("income")
        known = known if isinstance(known, Mapping) else {}
        if lacks not in ("period", "thousands") or not known.get("period") or not known.get("amount"):
            return value, lacks
        before, now = Decimal(known["amount"]), Decimal(value["amount"])
        if before and Decimal("0.2") <= now / before <= 5:
            return {**value, "period": known["period"]}, None
        return value, lacks

    def _whose_income(self, incomes: list[Income]) -> Income | None:
        """The paying parent's: by "I" and "they" where it is known who writes; else that is asked when both were told."""
        by_owner = {income.owner: income for income in incomes}
        if self.role in ("paying", "receiving"):
            paying, receiving = ("them", "me") if self.role == "receiving" else ("me", "them")
            chosen = by_owner.get(paying) or by_owner.get(None)
            if chosen is None and receiving in by_owner:
                self.remark = "income_not_counted"
            return chosen
        if "me" in by_owner and "them" in by_owner:
            both = {name: _json_amount(by_owner[name].value) | {"lacks": by_owner[name].lacks} for name in ("me", "them")}
            self._wait("role", "incomes", both)
            return None
        return incomes[0]

    def _keep_income(self, value: Fact, lacks: str | None) -> None:
        value = dict(value)
        if Decimal(value["amount"]) > MAX_AMOUNT:
            self.remark = "income_too_large"
        elif lacks:
            self._wait("income", lacks, value)
        else:
            after_pension = value.pop("after_pension", False)
            value.pop("unit", None)
            self.found["income"] = value
            if after_pension and "pension" not in self.found:
                self.found["pension"] = {"already": True}

    def _nights(self) -> None:
        if "nights" in self.found or (self.asking in NOT_OF_NIGHTS and not self.corrects):
            return
        if self.asking == "other_nights" and not self.corrects:
            self._other_nights()
            return
        asked = self.asking == "nights" and not (self.corrects and self._says_number_of_children())
        told, left = read_nights(self.left, asked=asked, role=self.role, children=self._known_children())
        if told is None:
            return
        if told.lacks == "too_many":
            self.remark = "nights_too_many"
        elif told.lacks == "period" and self.corrects and self.enquiry.last == "children":
            return  # "actually 3" puts the number of children right
        elif told.lacks and asked:
            self._wait("nights", told.lacks, told.value)
        elif not told.lacks:
            if asked:
                self._done()
            self._keep_nights(told)
            self.left = left

    def _nights_in(self, text: str, *, asked: bool) -> Nights | None:
        return read_nights(text, asked=asked, role=self.role, children=self._known_children())[0]

    def _keep_nights(self, told: Nights) -> None:
        """A year's nights are taken as told; a sum made from a pattern is confirmed first."""
        value = {**(told.value or {}), "guess": answers.guesses(self.text)}
        as_told = _of_a_year(value)
        self.found["nights"] = value | {"confirmed": as_told}
        if as_told and self.asking == "nights" and value["nights"] == 0:
            self.plain_answer = set(self.found) == {"nights"}

    def _other_nights(self) -> None:
        told = read_nights(self.left, asked=True, role=self.role, children=None)[0]
        if told and told.value and not told.lacks:
            self._keep_other_nights(told.value)
        elif told and told.lacks in ("period", "varies") and not self._waits_for("other_nights"):
            self._wait("other_nights", told.lacks, told.value)

    def _children(self) -> None:
        asked = self.asking == "children"
        if self.asking in ABOUT_OTHERS and not self._corrects_children():
            return
        number, left = read_children(self.left, asked=asked)
        if number is None:
            if asked and answers.no(self.text) and not self.found:
                self.remark = "children_none"
            return
        if not asked and self.facts.get("children") and not self._says_number_of_children():
            return
        self.left = left
        if not 1 <= number <= MAX_CHILDREN:
            self.remark = "children_none" if number < 1 else "children_too_many"
            return
        self.found["children"] = number
        if asked:
            self._done()

    def _says_number_of_children(self) -> bool:
        """A known number changes by a number, not by "my daughter" in passing."""
        return bool(_NUMBER.search(self.left)) and read_children(self.left, asked=False)[0] is not None

    # --- yes, no, "don't know" -------------------------------------------------------------------------------------------

    def _yes_no_or_unknown(self) -> None:
        if not self.asking or self.asking in ("check", "role") or self.asking in self.found or self.settled or self.remark:
            return
        if self.asking == "equal_care":
            self._equal_care()
        elif self.corrects and not self.found and self._correct_last():
            return
        elif answers.unknown(self.left) and self.asking == "children":
            self.remark = "children_needed"
        elif answers.unknown(self.left):
            self._done()
            self.found[self.asking] = _not_known_of(self.facts, self.asking)
            self.plain_answer = len(self.found) == 1
        elif not self.found and answers.no(self.left):
            self._no()

    def _no(self) -> None:
        if self.asking == "benefits" and not self._waits_for("benefits"):
            self.found["benefits"] = "none"
        elif self.asking == "other_nights":
            self.found["other_nights"] = told_of_home(self.facts, "other_nights", 0, all_homes=self._of_all())

    def _equal_care(self) -> None:
        if answers.unknown(self.text) or _HALF_EQUAL.search(self.text):
            self.found["equal_care"] = not_known("equal_care")
        elif answers.no(self.text) or _NOT_EQUAL.search(self.text):
            self.found["equal_care"] = False
        elif answers.yes(self.text) or _EQUAL.search(self.text):
            self.found["equal_care"] = True
        self.plain_answer = set(self.found) == {"equal_care"}

    def _correct_last(self) -> bool:
        """ "No sorry, I meant 3": a bare number goes to the fact told last."""
        last = self.enquiry.last
        if last is None or last == self.asking:
            return False
        again = _Reading(replace(self.enquiry, pending=None), self.text, last, self.figures)
        again.corrects = False
        numbers = (again._pension, again._other_children, again._elsewhere, again._income, again._nights, again._children)
        for reader in numbers:
            reader()
        if last in again.found:
            self.found[last] = again.found[last]
        return last in again.found

    # --- small things ----------------------------------------------------------------------------------------------------

    def _wait(self, fact: str, how: str, value: Fact = None) -> None:
        self.pending = {"fact": fact, "how": how} | ({"value": value} if value is not None else {})
        self.settled = True

    def _done(self) -> None:
        if self.pending:
            self.pending = None
            self.settled = True

    def _waits_for(self, fact: str) -> bool:
        return bool(self.pending) and self.pending["fact"] == fact  # type: ignore[index]

    def _corrects_children(self) -> bool:
        kids = re.search(r"\b(?:kids?|child|children|boys?|girls?|sons?|daughters?)\b", self.text)
        return self.corrects and bool(kids) and not re.search(r"\bother|step|another\b", self.text)

    def _corrects_another(self) -> bool:
        """What was asked is a number of further children, and something told before is put right instead."""
        return self._corrects_children() or (self.corrects and bool(_TOLD_BEFORE.search(self.text)))

    def _speaks_of_self(self) -> bool:
        words = set(re.findall(r"[a-z]+", self.left))
        others = {"he", "she", "his", "her", "ex", "they", "dad", "mum", "father", "mother", "hes", "shes"}
        return bool(words & {"i", "im", "my", "me", "ive"}) and not words & others

    def _known_children(self) -> int | None:
        number = self.found.get("children", self.facts.get("children"))
        return number if isinstance(number, int) else read_children(self.left, asked=False)[0]


_EQUAL = re.compile(r"\b(?:equal\w*|50 ?[/-]? ?50|both do|half and half|even(?:ly)?|the same|we share|shared?)\b")
_HALF_EQUAL = re.compile(
    r"^\W*(?:maybe|possibly|perhaps|sort of|kind of|kinda|probably)\W*$|^\W*(?:it |that )?depends\b"
)
_NOT_EQUAL = re.compile(
    r"\b(?:not|isn'?t|more|mostly|mainly|most of|unequal|i do (?:it|all)|(?:he|she) does (?:it|all)|"
    r"\w+ does (?:most|more|it all))\b"
)
_PAYS = re.compile(r"\b(?:i (?:do|pay|will|would|am|'ll)|i'm|im|me|myself|i'd|paying)\b")
_RECEIVES = re.compile(r"\b(?:he|she|they|ex|dad|mum|father|mother|him|her|them|other|receiv\w+|i get|pays me|to me)\b")


def _role_in(text: str) -> str | None:
    """Who pays, in the answer to that question: `paying` is the writer."""
    if _RECEIVES.search(text):
        return "receiving"
    return "paying" if _PAYS.search(text) else None


def _after_yes(text: str) -> str:
    return re.sub(r"^\W*\w+\W*", "", text)


def _same_nights(told: Fact, nights: Fact) -> bool:
    return told["nights"] == nights["nights"] and told.get("each") == nights.get("each")


def _of_a_year(nights: Fact) -> bool:
    """Told as a year's nights, and not made from a pattern."""
    as_told = all(part["kind"] == "year" for part in nights["parts"])
    return as_told and not nights.get("turned") and not nights.get("each")


def _differs(name: str, before: Fact, now: Fact) -> bool:
    if name in OF_A_HOME and isinstance(before, list) and isinstance(now, list):
        return any(then not in (None, new) for then, new in zip(before, now, strict=False))
    if name == "other_homes" and isinstance(before, int) and isinstance(now, list):
        return sum(now) != before
    if isinstance(before, Mapping) and before.get("unknown"):
        return False
    if name == "nights" and isinstance(before, Mapping) and isinstance(now, Mapping):
        return not _same_nights(now, before)
    return before != now


def _in_period(value: Fact, period: str) -> tuple[Fact, str | None]:
    """An amount whose period was told afterwards, and what it still lacks."""
    lacks = "net" if value.get("net") else None
    if period == "fortnight":
        return {**_times(value, Decimal("0.5")), "period": "week"}, lacks
    if period in ("hour", "day"):
        return {**value, "period": period, "unit": period}, "hours"
    return {**value, "period": period}, lacks


def _times(value: Fact, factor: Decimal) -> dict[str, Fact]:
    scaled = {name: plain(Decimal(value[name]) * factor) for name in ("amount", "up_to") if value.get(name)}
    return {**value, **scaled}


def _json_amount(value: Mapping[str, Fact]) -> dict[str, Fact]:
    return {name: plain(item) if isinstance(item, Decimal) else item for name, item in value.items()}
