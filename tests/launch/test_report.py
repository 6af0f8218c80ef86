"""The page on what a training brought says what designers need to know, and nothing of it is made up."""

from dialogue.report.figures import Read, figures
from dialogue.report.page import page

OUTCOMES = {"housing": "handover", "legal": "handover", "statutory.fees": "inform", "statutory.apply": "inform", "self_harm": "urgent"}
READ = [
    Read("she wants me out", ["housing"], "housing"),
    Read("<b>who</b> keeps the flat", ["housing"], "statutory.fees"),
    Read("court or home", ["housing", "legal"], "legal"),
    Read("what does it cost", ["statutory.fees"], "statutory.fees"),
    Read("how do i start", ["statutory.apply"], "statutory.fees"),
    Read("this form is killing me", ["statutory.apply"], "self_harm"),
]
FOUND = figures(READ, OUTCOMES, "b2") | {"of": 6}


def test_the_figures_are_counted_as_they_are_told():
    assert FOUND["shares"] == {
        "topic right": [3, 6], "outcome right": [4, 6], "handovers heard": [2, 3], "false urgent": [1, 6],
    }
    assert FOUND["topics"]["housing"] == {"messages": 3, "right": 2}
    assert FOUND["confused"]["statutory.apply"] == {"statutory.fees": 1, "self_harm": 1}
    assert [one["text"] for one in FOUND["missed_handovers"]] == ["<b>who</b> keeps the flat"]


def test_the_page_shows_them_beside_those_of_the_model_before():
    better = figures([Read("she wants me out", ["housing"], "housing")], OUTCOMES, "a1")
    shown = page(FOUND, better)
    assert "50.0%" in shown and "before: 100.0% (-50.0%)" in shown and "a1" in shown
    assert "statutory.apply was heard as statutory.fees: 1" in shown
    assert "goal 92%, not met" in shown
    assert "There is no model before" in page(FOUND, None)


def test_what_parents_wrote_is_text_on_the_page_and_nothing_is_loaded():
    shown = page(FOUND, None)
    assert "&lt;b&gt;who" in shown and "<b>who" not in shown
    assert "<script" not in shown and "http" not in shown


def test_a_page_of_a_faultless_model_says_so():
    shown = page(figures(READ[:1], OUTCOMES, "c3") | {"of": 1}, None)
    assert "Nothing was mixed up" in shown and shown.count("None.") == 2
