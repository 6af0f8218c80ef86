"""Short questions mean what was talked about; a nation is remembered; "yes" and "no" answer what was asked."""

from tests.rasa_server import Chat


def test_and_in_scotland_repeats_the_answer_for_scotland(chat: Chat) -> None:
    chat.choose("/options.court_order")
    said = chat.say("and in Scotland?")
    assert said.topic == "options.court_order" and said.keys == ["utter_options.court_order"]
    assert said.slot("nation") == "scotland" and said.signal("prefer")["nation"] == "scotland"


def test_a_nation_is_told_once_and_kept_for_the_next_question(chat: Chat) -> None:
    chat.say("I live in Swansea")
    said = chat.choose("/signpost.mediation")
    assert said.slot("nation") == "wales"
    assert "utter_ask_nation" not in said.keys and "prefer" not in said.signals


def test_moving_is_a_changed_nation(chat: Chat) -> None:
    chat.say("I live in Wales")
    assert chat.say("sorry, I live in England now").slot("nation") == "england"


def test_the_other_parent_s_nation_is_not_taken_for_the_parent_s_own(chat: Chat) -> None:
    assert chat.say("what if he lives in Scotland?").slot("nation") is None


def test_what_if_he_lives_abroad_is_answered(chat: Chat) -> None:
    chat.choose("/statutory.apply")
    assert chat.say("what if he lives abroad?").topic == "eligibility.abroad"


def test_how_much_does_that_cost_means_what_was_just_explained(chat: Chat) -> None:
    chat.choose("/statutory.collect_pay")
    assert chat.say("how much does that cost?").topic == "statutory.fees"
    chat.choose("/options.family_based")
    assert chat.say("is that free?").topic == "options.family_based"


def test_how_long_does_it_take_means_what_was_just_explained(chat: Chat) -> None:
    chat.choose("/options.statutory")
    assert chat.say("how long does it take").topic == "statutory.apply"


def test_how_do_i_do_that_leads_on(chat: Chat) -> None:
    chat.choose("/options.family_based")
    assert chat.say("ok how do i do that").topic == "family_based.agree"


def test_thanks_in_between_does_not_lose_the_thread(chat: Chat) -> None:
    chat.choose("/options.statutory")
    chat.say("thanks")
    assert chat.say("how much does it cost?").topic == "statutory.fees"


def test_that_without_anything_before_is_not_guessed(chat: Chat) -> None:
    said = chat.say("how long does it take for that")
    assert said.slot("last_topic") != "options.family_based"
    assert said.keys


def test_yes_takes_up_the_one_topic_that_was_asked_about(chat: Chat) -> None:
    chat.memory = {"format": 1, "slots": {"offer": "/statutory.fees", "misses": 1}, "loop": None, "requested": None, "rejected": False}
    said = chat.say("yes")
    assert said.topic == "statutory.fees" and said.keys == ["utter_statutory.fees"]
    assert said.slot("offer") is None and not said.slot("misses")


def test_no_lets_the_offer_go(chat: Chat) -> None:
    chat.memory = {"format": 1, "slots": {"offer": "/statutory.fees"}, "loop": None, "requested": None, "rejected": False}
    said = chat.say("no thanks")
    assert said.keys == ["utter_chat.deny"] and said.slot("offer") is None
    assert chat.say("yes").keys == ["utter_chat.affirm"]


def test_a_refused_estimate_is_remembered(chat: Chat) -> None:
    chat.memory = {"format": 1, "slots": {"offer": "/estimate.start"}, "loop": None, "requested": None, "rejected": False}
    said = chat.say("no")
    assert said.slot("estimate_refused") is True and said.slot("offer") is None


def test_a_role_that_was_said_is_kept(chat: Chat) -> None:
    chat.say("he pays me nothing for our daughter")
    assert chat.choose("/statutory.fees").slot("role") == "receiving"


def test_welsh_is_remembered_when_asked_for(chat: Chat) -> None:
    said = chat.say("siarad Cymraeg os gwelwch yn dda")
    assert said.signal("prefer")["lang"] == "cy" and said.slot("lang") == "cy"
