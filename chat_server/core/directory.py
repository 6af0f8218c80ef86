"""Which organisations may be named, for which topic, nation and moment, from `facts/directory.yaml`.

Rules that hold for every list: right for the nation, open ones first, a line for one group only when the parent
has said that they belong to it or beside the line for the other group, and never one side without the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import yaml

from chat_server.core.opening import LONDON, WeekHours

FACTS = Path(__file__).parent / "facts" / "directory.yaml"
NATIONS = ("england", "wales", "scotland", "northern_ireland")
MOST_SHOWN = 3
"""Organisations in one reply that is not urgent."""

Tier = Literal["emergency", "crisis", "topic"]
Card = dict[str, Any]

_COST = {
    "en": {"free": "free", "standard": "charged like an ordinary call"},
    "cy": {"free": "am ddim", "standard": "codir tâl fel galwad arferol"},
}
_IMPLIED: Mapping[str, frozenset[str]] = {"domestic_abuse": frozenset({"experienced_abuse"})}
"""What a parent has said about themselves by the kind of danger alone."""

_PLEASE_CHECK = {"en": "please check on their website", "cy": "gwiriwch ar eu gwefan"}


@dataclass(frozen=True, slots=True)
class Line:
    """A number that answers in one nation, with what to do when it is answered."""

    name: str
    number: str
    how: Mapping[str, str]
    ok: bool


@dataclass(frozen=True, slots=True)
class Organisation:
    """One entry, as reviewed. What may be shown of it is decided by `card`; the fields are explained in the file."""

    id: str
    name: Mapping[str, str]
    tier: Tier
    helps_with: Mapping[str, str]
    topics: tuple[str, ...]
    nations: frozenset[str]
    audience: frozenset[str]
    only_if_stated: frozenset[str]
    leans_to: str
    phone: str | None
    phone_welsh: str | None
    phone_by_nation: Mapping[str, Line]
    relay: str | None
    text: str | None
    webchat: str | None
    email: str | None
    website: str | None
    website_by_nation: Mapping[str, str | None]
    hours: Mapping[str, WeekHours]
    call_cost: str | None
    languages: tuple[str, ...]
    sources: tuple[str, ...]
    as_of: str | None
    confidence: Literal["high", "medium", "low"]
    check: frozenset[str]
    phone_ok: bool
    reviewed_on: date
    note: str | None

    def line(self, nation: str | None) -> Line | None:
        """The number that may be shown in this nation, if there is one."""
        if nation in self.phone_by_nation:
            line = self.phone_by_nation[nation]
            return line if line.ok and self.phone_ok and "phone_by_nation" not in self.check else None
        number = self.confirmed("phone")
        return Line(name=self.name["en"], number=number, how={}, ok=True) if number else None

    def confirmed(self, field: str) -> str | None:
        """A contact (`phone`, `text`, `email`, ...) unless it is held back or still to be checked."""
        if field in self.check or (field.startswith("phone") and not self.phone_ok):
            return None
        return getattr(self, field)

    def website_for(self, nation: str | None) -> str | None:
        """The web address for a parent in this nation."""
        return self.website_by_nation.get(nation, self.website) if nation else self.website

    def reachable(self, nation: str | None) -> bool:
        """Whether a parent in this nation would be given any way at all to reach it."""
        return bool(self.line(nation) or self.website_for(nation) or any(map(self.confirmed, ("text", "email"))))

    def serves(self, nation: str | None) -> bool:
        """Whether it works for a parent in this nation; when the nation is not known, everything might."""
        return nation is None or nation in self.nations

    def channel(self, nation: str | None) -> str | None:
        """The channel whose hours count: the phone where a number is shown, else text messages."""
        if self.line(nation):
            return "phone"
        return "text" if self.confirmed("text") else None

    def is_open(self, at: datetime, nation: str | None = None) -> bool | None:
        """Open at this aware moment, closed, or None where nothing good enough to say so is known."""
        return None if "hours" in self.check else self._seems_open(at, nation)

    def _seems_open(self, at: datetime, nation: str | None) -> bool | None:
        hours = self.hours.get(self.channel(nation) or "")
        return hours.is_open(at.astimezone(LONDON)) if hours else None

    def readiness(self, at: datetime | None, nation: str | None) -> int:
        """For ordering: 0 open, 1 open by hours that are still to be checked, 2 not known, 3 closed."""
        seems = self._seems_open(at, nation) if at else None
        if seems is None:
            return 2
        return 3 if not seems else 1 if "hours" in self.check else 0


@dataclass(frozen=True)
class Directory:
    """All organisations with the sets and rules of the file."""

    organisations: Mapping[str, Organisation]
    urgent_sets: Mapping[str, Mapping[str, Sequence[str]]]
    handover_sets: Mapping[str, Mapping[str, Sequence[str]]]
    nobody_there: Mapping[str, Sequence[str]]
    general_advice: Mapping[str, str]
    balanced_topics: frozenset[str]
    sides: tuple[frozenset[str], frozenset[str]]
    review_within: timedelta
    reviewed_on: date

    @classmethod
    def load(cls, path: Path = FACTS) -> "Directory":
        """Read the file. Raises ValueError naming the entry or set that cannot be read."""
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = [_organisation(raw, facts["reviewed_on"]) for raw in facts["organisations"]]
        organisations = {entry.id: entry for entry in entries}
        if len(organisations) != len(entries):
            raise ValueError("directory: two entries have the same id")
        for sets in (facts["urgent_sets"], facts["handover_sets"], {"nobody_there": facts["nobody_there"]}):
            _refuse_unknown(sets, organisations)
        balance = facts["balance"]
        return cls(
            organisations=organisations,
            urgent_sets=facts["urgent_sets"],
            handover_sets=facts["handover_sets"],
            nobody_there=facts["nobody_there"],
            general_advice=facts["general_advice"],
            balanced_topics=frozenset(balance["topics"]),
            sides=(frozenset(balance["one_side"]), frozenset(balance["other_side"])),
            review_within=timedelta(days=facts["review_within_days"]),
            reviewed_on=facts["reviewed_on"],
        )

    def for_topic(
        self,
        topic: str,
        nation: str | None = None,
        audience: str | Iterable[str] | None = None,
        at: datetime | None = None,
        limit: int = MOST_SHOWN,
    ) -> tuple[Organisation, ...]:
        """Organisations to name for a topic, best first; see `organisations`."""
        if topic in self.urgent_sets:
            return self.urgent_set(topic, nation, audience)
        stated = _stated(audience)
        listed = [o for o in self.organisations.values() if topic in o.topics]
        found = sorted((o for o in listed if _fits(o, nation, stated)), key=lambda o: _rank(o, nation, stated, at))
        if listed and nation and not any(self._neutral(found, stated)):
            found.insert(0, self.organisations[self.general_advice[nation]])
        return self._choose(found, topic, nation, stated, limit)

    def urgent_set(
        self, kind: str, nation: str | None = None, audience: str | Iterable[str] | None = None
    ) -> tuple[Organisation, ...]:
        """Everything to show at once for a kind of danger, in order; see `urgent_set`."""
        sets, stated = self.urgent_sets[kind], _stated(audience) | _IMPLIED.get(kind, frozenset())
        ids = [*sets["any"], *sets[nation or "nation_unknown"], *sets["also_offer"]]
        entries = (self.organisations[id_] for id_ in ids)
        return tuple(o for o in entries if o.serves(nation) and (not o.only_if_stated or o.only_if_stated & stated))

    def handover_set(
        self, topic: str, nation: str | None = None, at: datetime | None = None, limit: int = MOST_SHOWN
    ) -> tuple[Organisation, ...]:
        """Named help for while a parent waits; see `handover_set`."""
        ids = self.handover_sets.get(topic, {}).get(nation or "nation_unknown", ())
        found = [o for o in map(self.organisations.__getitem__, ids) if o.reachable(nation)]
        # The set is in order of use, so hours that are only to be confirmed do not move the best help down.
        ranked = sorted(found, key=lambda o: max(o.readiness(at, nation), 1))
        return self._choose(ranked, topic, nation, frozenset(), limit)

    def nobody_there_set(self, nation: str | None = None, at: datetime | None = None) -> tuple[Organisation, ...]:
        """Whom to name to a parent who asked for a person when nobody is there, open ones first."""
        found = [self.organisations[id_] for id_ in self.nobody_there[nation or "nation_unknown"]]
        return tuple(sorted((o for o in found if o.reachable(nation)), key=lambda o: o.readiness(at, nation)))

    def stale(self, on: date) -> tuple[Organisation, ...]:
        """The entries that nobody has gone over within the review time before this date."""
        return tuple(o for o in self.organisations.values() if on - o.reviewed_on > self.review_within)

    def search(self, words: str, nation: str | None = None) -> tuple[Organisation, ...]:
        """Entries in which every word occurs (name, what it helps with, topics), for the agents' console."""
        wanted = words.casefold().split()
        return tuple(
            o
            for o in self.organisations.values()
            if o.serves(nation) and all(word in _searchable(o) for word in wanted)
        )

    def _choose(
        self, ranked: Sequence[Organisation], topic: str, nation: str | None, stated: frozenset[str], limit: int
    ) -> tuple[Organisation, ...]:
        """Neutral entries first; one side only together with the other, where there is room for both."""
        neutral, pair = self._neutral(ranked, stated), self._pair(ranked, topic, stated)
        if nation is None:
            neutral = _widest(neutral)
        if any(o.audience & stated for o in pair):
            neutral = neutral[: max(limit - len(pair), 0)]
        chosen = neutral[:limit]
        return tuple(chosen + pair if len(chosen) + len(pair) <= limit else chosen)

    def _neutral(self, ranked: Sequence[Organisation], stated: frozenset[str]) -> list[Organisation]:
        return [o for o in ranked if not self._side(o) and _for_anyone(o, stated)]

    def _pair(self, ranked: Sequence[Organisation], topic: str, stated: frozenset[str]) -> list[Organisation]:
        """The best entry of each side; where a topic need not be balanced, one that the parent has asked for by group."""
        one, other = ([o for o in ranked if self._side(o) == side] for side in (1, 2))
        if one and other:
            return [one[0], other[0]]
        if topic in self.balanced_topics:
            return []
        return [o for o in (one or other) if o.audience & stated][:1]

    def _side(self, organisation: Organisation) -> int:
        """0 for an entry that leans to nobody, else the side it leans to."""
        return next((n for n, side in enumerate(self.sides, 1) if organisation.leans_to in side), 0)


def card(
    organisation: Organisation, nation: str | None = None, at: datetime | None = None, lang: str = "en"
) -> Card:
    """What a parent or agent is shown of an entry.

    Contacts that are still to be checked are left out. `open` is None where that is not known for certain, hours that are
    not confirmed ask the reader to check, and after the review date nothing but emergency help is called open.
    """
    line, stale = organisation.line(nation), _is_stale(organisation, at)
    spans = organisation.hours.get(organisation.channel(nation) or "")
    hours = spans.phrase(lang) if spans else None
    if hours and ("hours" in organisation.check or stale):
        hours = f"{hours}; {_PLEASE_CHECK[lang]}"
    reached = line or organisation.confirmed("text")
    return {
        "id": organisation.id,
        "name": line.name if line and nation in organisation.phone_by_nation else _in(organisation.name, lang),
        "helps_with": _in(organisation.helps_with, lang),
        "phone": line.number if line else None,
        "phone_how": _in(line.how, lang) if line and line.how else None,
        "more_phones": _more_phones(organisation, nation, lang),
        "relay": organisation.confirmed("relay") if line else None,
        "text": organisation.confirmed("text"),
        "webchat": organisation.confirmed("webchat"),
        "email": organisation.confirmed("email"),
        "website": organisation.website_for(nation),
        "hours": hours,
        "open": organisation.is_open(at, nation) if at and not stale else None,
        "cost": _COST[lang].get(organisation.call_cost or "") if reached else None,
        "languages": list(organisation.languages),
        "nations": [n for n in NATIONS if n in organisation.nations],
        "emergency": organisation.tier == "emergency",
        "as_of": organisation.as_of,
    }


def _more_phones(organisation: Organisation, nation: str | None, lang: str) -> list[dict[str, str | None]]:
    """Further numbers: every other nation's own while the nation is not known, and the Welsh line for Welsh readers."""
    more: list[dict[str, str | None]] = []
    if nation is None:
        for other in organisation.phone_by_nation:
            line = organisation.line(other)
            if line and line.number != organisation.phone:
                more.append({"name": line.name, "phone": line.number, "nation": other})
    welsh = organisation.confirmed("phone_welsh")
    if welsh and lang == "cy":
        more.append({"name": "Llinell Gymraeg", "phone": welsh, "nation": None})
    return more


def _rank(
    organisation: Organisation, nation: str | None, stated: frozenset[str], at: datetime | None
) -> tuple[bool, bool, int, int, bool]:
    """What is for the parent's own group first and for another group last; then open ones; then what is best known."""
    groups = (organisation.audience | organisation.only_if_stated) - {"anyone"}
    return (
        not groups & stated,
        bool(groups - stated),
        0 if nation else -len(organisation.nations),
        organisation.readiness(at, nation),
        organisation.confidence == "low" or "nations" in organisation.check,
    )


def _fits(organisation: Organisation, nation: str | None, stated: frozenset[str]) -> bool:
    if not (organisation.serves(nation) and organisation.reachable(nation)):
        return False
    return not organisation.only_if_stated or bool(organisation.only_if_stated & stated)


def _for_anyone(organisation: Organisation, stated: frozenset[str]) -> bool:
    """Groups' own lines wait until the parent has said that they belong to the group."""
    return "anyone" in organisation.audience or bool(organisation.audience & stated)


def _widest(ranked: list[Organisation]) -> list[Organisation]:
    """While the nation is not known: first those that between them reach every nation, then the rest."""
    first: list[Organisation] = []
    reached: frozenset[str] = frozenset()
    while left := [o for o in ranked if o not in first and o.nations - reached]:
        best = max(left, key=lambda o: len(o.nations - reached))
        first.append(best)
        reached |= best.nations
    return first + [o for o in ranked if o not in first]


def _is_stale(organisation: Organisation, at: datetime | None) -> bool:
    if at is None or organisation.tier == "emergency":
        return False
    return at.astimezone(LONDON).date() - organisation.reviewed_on > DIRECTORY.review_within


def _stated(audience: str | Iterable[str] | None) -> frozenset[str]:
    if audience is None:
        return frozenset()
    return frozenset((audience,)) if isinstance(audience, str) else frozenset(audience)


def _searchable(organisation: Organisation) -> str:
    parts = (*organisation.name.values(), *organisation.helps_with.values(), *organisation.topics, organisation.id)
    return " ".join(parts).casefold()


def _in(words: Mapping[str, str], lang: str) -> str:
    return words.get(lang) or words["en"]


def _both(raw: Mapping[str, Any], field: str) -> dict[str, str]:
    both = {"en": raw.get(field), "cy": raw.get(f"{field}_cy")}
    return {lang: text for lang, text in both.items() if text}


def _organisation(raw: Mapping[str, Any], reviewed_on: date) -> Organisation:
    try:
        nations = NATIONS if raw["nations"] == "all" else raw["nations"]
        return Organisation(
            id=raw["id"],
            name=_both(raw, "name"),
            tier=raw["tier"],
            helps_with=_both(raw, "helps_with"),
            topics=tuple(raw["topics"]),
            nations=frozenset(nations),
            audience=frozenset(raw["audience"]),
            only_if_stated=frozenset(raw.get("only_if_stated", ())),
            leans_to=raw["leans_to"],
            phone=raw.get("phone"),
            phone_welsh=raw.get("phone_welsh"),
            phone_by_nation={nation: _line(line) for nation, line in raw.get("phone_by_nation", {}).items()},
            relay=raw.get("relay"),
            text=raw.get("text"),
            webchat=raw.get("webchat"),
            email=raw.get("email"),
            website=raw.get("website"),
            website_by_nation=raw.get("website_by_nation", {}),
            hours={channel: WeekHours.parse(lines) for channel, lines in raw.get("hours", {}).items()},
            call_cost=raw.get("call_cost"),
            languages=tuple(raw["languages"]),
            sources=tuple(raw["sources"]),
            as_of=raw["as_of"],
            confidence=raw["confidence"]["level"],
            check=frozenset(raw["check"]),
            phone_ok=raw["phone_ok"],
            reviewed_on=raw.get("reviewed_on", reviewed_on),
            note=raw.get("note"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"directory: {raw.get('id', raw)}: {error!r}") from error


def _line(raw: Mapping[str, Any]) -> Line:
    return Line(name=raw["name"], number=raw["number"], how=_both(raw, "how"), ok=raw.get("ok", True))


def _refuse_unknown(sets: Mapping[str, Mapping[str, Sequence[str]]], known: Mapping[str, Organisation]) -> None:
    for name, lists in sets.items():
        for ids in lists.values():
            for id_ in ids:
                if id_ not in known:
                    raise ValueError(f"directory: set {name} names {id_}, which is no entry")


DIRECTORY = Directory.load()


def get(id_: str) -> Organisation | None:
    """The entry with this id, or None."""
    return DIRECTORY.organisations.get(id_)


def organisations(
    topic: str,
    nation: str | None = None,
    audience: str | Iterable[str] | None = None,
    at: datetime | None = None,
    limit: int = MOST_SHOWN,
) -> tuple[Organisation, ...]:
    """Organisations to name for a topic, best first, at most `limit`; for a kind of danger its whole urgent set.

    `audience` is what the parent has said about themselves, never a guess: `men`, `women`, `fathers`, `mothers`, `lgbt`,
    `mothers_living_apart`, `single_parents`, `self_employed`, `kinship_carers`, `experienced_abuse`, `own_behaviour`, `young_people`, `under_35`.
    `at` is an aware moment and puts open ones first. While the nation is not known, what serves all nations comes first.
    """
    return DIRECTORY.for_topic(topic, nation, audience, at, limit)


def urgent_set(
    kind: str, nation: str | None = None, audience: str | Iterable[str] | None = None
) -> tuple[Organisation, ...]:
    """Everything to show at once for a kind of danger (`self_harm`, `domestic_abuse`, `child_safety`), in order.

    Never shortened and never re-ordered. `audience` only adds: `own_behaviour` brings the line for people who worry
    about their own behaviour, which is never shown to somebody who reports being harmed.
    """
    return DIRECTORY.urgent_set(kind, nation, audience)


def handover_set(
    topic: str, nation: str | None = None, at: datetime | None = None, limit: int = MOST_SHOWN
) -> tuple[Organisation, ...]:
    """Named help that goes with a handover of this topic, open ones first; empty for a topic without a set."""
    return DIRECTORY.handover_set(topic, nation, at, limit)


def nobody_there_set(nation: str | None = None, at: datetime | None = None) -> tuple[Organisation, ...]:
    """Whom to name to a parent who asked for a person when nobody is there, open ones first."""
    return DIRECTORY.nobody_there_set(nation, at)


def stale(on: date) -> tuple[Organisation, ...]:
    """The entries that nobody has gone over within the review time before this date."""
    return DIRECTORY.stale(on)


def search(words: str, nation: str | None = None) -> tuple[Organisation, ...]:
    """Entries in which every word occurs, for the agents' console."""
    return DIRECTORY.search(words, nation)
