"""What identifies people is masked; what the answer depends on is not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.core.privacy import mask


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("ring me on 07700 900123 after six", "ring me on [phone number] after six"),
        ("07700900123", "[phone number]"),
        ("0 7 7 0 0 9 0 0 1 2 3", "[phone number]"),
        ("(0191) 498 0123 or 020-7946-0958", "[phone number] or [phone number]"),
        ("+44 7700 900123, +44 (0)20 7946 0958", "[phone number], [phone number]"),
        ("he is on +34 612 345 678 in Spain", "he is on [phone number] in Spain"),
        ("write to jo.bloggs+kids@example.co.uk please", "write to [email] please"),
        ("my NI is QQ 12 34 56 C", "my NI is [National Insurance number]"),
        ("my NI is AB 12 34 56 C", "my NI is [National Insurance number]"),
        ("qq123456c", "[National Insurance number]"),
        ("we live at LS1 4AP", "we live at [postcode]"),
        ("sw1a1aa and m1 1ae", "[postcode] and [postcode]"),
        ("sort code 20-11-43 account 12345678", "sort code [bank details] account [bank details]"),
        ("pay 20-11-43 12345678", "pay [bank details]"),
        ("my account number is 1234 5678", "my account number is [bank details]"),
        ("99-88-77", "[bank details]"),
        ("4929 1234 5678 9012", "[bank details]"),
        ("GB33BUKB20201555555555", "[bank details]"),
        ("case 123456789012", "case [number]"),
        ("NHS 943 476 5919", "NHS [number]"),
    ],
)
def test_what_identifies_people_is_masked(said: str, kept: str):
    assert mask(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "I earn £28,000 a year and pay 350 a month",
        "£1,234.56 weekly, or 1200.50",
        "£12345678 is a lot",
        "28000 gross, 104 nights, 2 kids aged 7 and 11",
        "about 52-103 nights, so 1/7",
        "since 12/03/2024, or 12-03-24, or 21.11.2026",
        "2026-11-21 and 21112026",
        "born 3rd of May 2015, 9yo",
        "from 9am to 17:30 on 21 November 2026",
        "he paid 200 250 300 in three months",
        "100000",
        "1500000 for the house",
        "form C100, CMS letter 2012 scheme, P60",
        "b4 we split, u 2, gr8",
        "20k to 25k, 37.5 hours",
        "call 111 or 999",
    ],
)
def test_sums_ages_nights_and_dates_survive(said: str):
    assert mask(said) == said


def test_two_people_in_one_message_are_both_masked():
    masked = mask("I'm a@b.com, she is c@d.org, numbers 07700 900001 and 07700 900002")
    assert masked == "I'm [email], she is [email], numbers [phone number] and [phone number]"


@given(st.text(alphabet="0123456789 -+().@£abcAB,/\n", max_size=80))
def test_masking_twice_changes_nothing_more(text: str):
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize("piece", ["0 ", "a.", "1", "a@", "12-", "+", "(0", "bank ", "AB1"])
def test_long_odd_texts_are_masked_in_time_that_grows_with_their_length(piece: str):
    started = time.process_time()
    mask(piece * (16_000 // len(piece)))
    assert time.process_time() - started < 1
