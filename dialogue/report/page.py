"""The report of a training as one HTML page with its pictures in it: nothing is loaded from anywhere."""

from __future__ import annotations

from html import escape
from typing import Any, Dict, List, Optional, Text

GOALS = {"topic right": 0.92, "outcome right": 0.95, "handovers heard": 0.97, "false urgent": 0.03}
SAID = {
    "topic right": "Topic right",
    "outcome right": "Outcome right",
    "handovers heard": "Worries that bring a person",
    "false urgent": "Harmless, taken for danger",
}
LESS_IS_BETTER = "false urgent"
WEAKEST = 12
CONFUSED_TOPICS = 16

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6570; --line: #d5dae0; --paper: #fff; --good: #1c6b3f; --bad: #a8321f; --bar: #2f5d8a }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a3adb8; --line: #3a424b; --paper: #16191d; --good: #6cc796; --bad: #f08f7c; --bar: #7fb0e0 } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin-bottom: .2rem } h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem } p { margin: .3rem 0 .8rem; max-width: 44rem }
.soft { color: var(--soft) } .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem; margin: 1.2rem 0 }
.figure { border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem } .figure b { display: block; font-size: 1.9rem; line-height: 1.2 }
.met { color: var(--good) } .unmet { color: var(--bad) } .wide { overflow-x: auto } svg text { fill: var(--ink); font: 13px system-ui, sans-serif } svg text.on { fill: var(--paper) }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line) }
td:first-child { min-width: 18rem }
"""


def page(found: Dict[Text, Any], before: Optional[Dict[Text, Any]]) -> Text:
    """The whole page: the figures, the weakest topics, what is taken for what, and the messages that matter most."""
    compared = f"Beside each figure: how model {escape(before['model'])} did." if before else "There is no model before this one to compare with."
    part = "" if found["messages"] >= found["of"] else f" Time allowed {found['messages']} of {found['of']} to be read."
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Model {escape(found['model'])}</title><style>{_STYLE}</style><main>"
        f"<h1>What the assistant understands</h1>"
        f'<p class="soft">Model {escape(found["model"])}, judged by {found["messages"]} messages that it never saw.{part} {compared}</p>'
        f"{_cards(found, before)}"
        f"<h2>Weakest topics</h2><p>The share of each topic's messages that were heard as it. The mark is the model before. "
        f"More examples, or examples that are truer to life, help most here.</p><div class=wide>{_weakest(found, before)}</div>"
        f"<h2>What is taken for what</h2><p>A row is the topic that was meant, a column the topic that was heard. "
        f"A dark field is a border that parents cross and the examples do not make clear.</p><div class=wide>{_confusions(found['confused'])}</div>"
        f"<h2>Worries that did not bring a person</h2>{_messages(found['missed_handovers'])}"
        f"<h2>Harmless messages that were taken for danger</h2><p>By the model; the danger screen comes before it.</p>{_messages(found['false_urgent'])}"
        f"</main></html>"
    )


def _cards(found: Dict[Text, Any], before: Optional[Dict[Text, Any]]) -> Text:
    cards = []
    for name, (count, of) in found["shares"].items():
        share, goal = count / max(of, 1), GOALS[name]
        less = name == LESS_IS_BETTER
        met = share <= goal if less else share >= goal
        cards.append(
            f'<div class="figure">{SAID[name]}<b class="{"met" if met else "unmet"}">{share:.1%}</b>'
            f'<span class="soft">{count} of {of}; goal {"at most " if less else ""}{goal:.0%}, {"met" if met else "not met"}{_change(name, share, before)}</span></div>'
        )
    return f'<div class="figures">{"".join(cards)}</div>'


def _change(name: Text, share: float, before: Optional[Dict[Text, Any]]) -> Text:
    if not before or name not in before["shares"]:
        return ""
    count, of = before["shares"][name]
    was = count / max(of, 1)
    return f"<br>before: {was:.1%} ({share - was:+.1%})"


def _weakest(found: Dict[Text, Any], before: Optional[Dict[Text, Any]]) -> Text:
    """Bars of the topics with the lowest share."""
    shares = sorted((c["right"] / c["messages"], -c["messages"], topic) for topic, c in found["topics"].items())[:WEAKEST]
    rows = []
    for n, (share, messages, topic) in enumerate(shares):
        y = 26 * n
        was = (before or {}).get("topics", {}).get(topic)
        mark = f'<rect x="{218 + 400 * was["right"] / was["messages"]:.0f}" y="{y + 1}" width="3" height="20" fill="var(--ink)"/>' if was else ""
        rows.append(
            f'<text x="210" y="{y + 16}" text-anchor="end">{escape(topic)}</text>'
            f'<rect x="220" y="{y + 3}" width="400" height="16" fill="var(--line)"/>'
            f'<rect x="220" y="{y + 3}" width="{400 * share:.0f}" height="16" fill="var(--bar)"/>{mark}'
            f'<text x="630" y="{y + 16}">{share:.0%} of {-messages}</text>'
        )
    return _svg(730, 26 * len(rows), "Share right of the weakest topics", rows)


def _confusions(confused: Dict[Text, Dict[Text, int]]) -> Text:
    """A field for each pair of topics that is mixed up, for the topics that this happens to most."""
    times: Dict[Text, int] = {}
    for meant, heard in confused.items():
        for topic, count in heard.items():
            times[meant] = times.get(meant, 0) + count
            times[topic] = times.get(topic, 0) + count
    topics = sorted(sorted(times, key=lambda t: -times[t])[:CONFUSED_TOPICS])
    if not topics:
        return "<p>Nothing was mixed up.</p>"
    most = max((confused.get(a, {}).get(b, 0) for a in topics for b in topics), default=1) or 1
    cells = [_cell(row, column, confused.get(a, {}).get(b, 0), most, a, b) for row, a in enumerate(topics) for column, b in enumerate(topics)]
    left = [f'<text x="165" y="{177 + 30 * n}" text-anchor="end">{escape(t)}</text>' for n, t in enumerate(topics)]
    top = [f'<text transform="translate({190 + 30 * n} 150) rotate(-55)">{escape(t)}</text>' for n, t in enumerate(topics)]
    return _svg(300 + 30 * len(topics), 165 + 30 * len(topics), "Which topics are taken for which", [*left, *top, *cells])


def _cell(row: int, column: int, count: int, most: int, meant: Text, heard: Text) -> Text:
    x, y = 172 + 30 * column, 158 + 30 * row
    if not count:
        return f'<rect x="{x}" y="{y}" width="28" height="28" fill="none" stroke="var(--line)"/>'
    strength = 0.25 + 0.75 * count / most
    return (
        f'<g><title>{escape(meant)} was heard as {escape(heard)}: {count}</title>'
        f'<rect x="{x}" y="{y}" width="28" height="28" fill="var(--bad)" fill-opacity="{strength:.2f}"/>'
        f'<text x="{x + 14}" y="{y + 19}" text-anchor="middle"{" class=on" if strength > 0.5 else ""}>{count}</text></g>'
    )


def _svg(width: int, height: int, label: Text, parts: List[Text]) -> Text:
    return f'<svg role="img" aria-label="{escape(label)}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">{"".join(parts)}</svg>'


def _messages(found: List[Dict[Text, Any]]) -> Text:
    if not found:
        return "<p>None.</p>"
    rows = "".join(
        f"<tr><td>{escape(one['text'])}</td><td>{escape(one['accepted'][0])}</td><td>{escape(one['heard'])}</td></tr>" for one in found
    )
    return f'<div class="wide"><table><thead><tr><th>Message</th><th>Meant</th><th>Heard</th></tr></thead><tbody>{rows}</tbody></table></div>'
