"""The content checker finds what is wrong, and says where."""

from pathlib import Path
from textwrap import dedent

import pytest

from chat_server.content import avoid, checks, reading
from chat_server.content.__main__ import main
from chat_server.content.content import Finding, read

SOUND = """\
version: "3.1"
responses:
  utter_housing:
    - text: "Not knowing where you stand with your home is a real strain."
      buttons:
        - title: "Talk to a person"
          payload: "!human"
"""


def project(root: Path, **files: str) -> Path:
    """A copy of a project with these files; `wording` is domain/wording/words.yml, and so on."""
    places = {
        "wording": "domain/wording/words.yml",
        "more_wording": "domain/wording/more.yml",
        "domain": "domain/_shared.yml",
        "nlu": "nlu/topics.yml",
        "rules": "stories/rules/rules.yml",
        "code": "chat_server/notices.py",
        "template": "chat_server/web/page.html",
        "conversation": "tests/conversations/test_home.yml",
    }
    for name, text in files.items():
        path = root / places[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return root


def found(root: Path, at: str = "") -> list[Finding]:
    """The findings in files whose path begins with `at`."""
    return [finding for finding in checks.check(read(root)) if finding.path.startswith(at)]


def words(*lines: str) -> str:
    return "\n".join(('version: "3.1"', "responses:", *lines)) + "\n"


def plain(text: str, key: str = "utter_housing") -> str:
    """A wording file in which one key says `text`, in line 4."""
    return words(f"  {key}:", f'    - text: "{text}"')


def test_sound_words_have_no_finding(tmp_path):
    assert found(project(tmp_path, wording=SOUND), "domain/wording") == []


LONG = " ".join(["We look at the home first."] * 17)
MANY_WORDS = "One two three four five six seven eight nine ten " * 2 + "and one more."
HARD = (
    "Administrative considerations necessitate comprehensive documentation before authorisation. "
    "Organisational responsibilities incorporate accountability, confidentiality and proportionality considerations throughout. "
    "Consequently, beneficiaries anticipate deterioration."
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("You are entitled to an amount.", "“You are entitled”"),
        ("Is this the right amount?", "what the statutory formula gives"),
        ("The absent father can be found.", "the parent who pays"),
        ("Then he can apply.", "they; the other parent"),
        ("Ask for more contact with the children.", "time with the children"),
        ("You can simply write it down.", "leave the word out"),
        ("You should write it down.", "you can; you could"),
        ("Most parents agree it between them.", "It steers"),
        ("Ring 0800 988 0988 for help.", "Retired"),
        ("That is good to know!", "exclamation"),
        ("That is good to know 🙂.", "emoji"),
        ("Do it NEVER.", "capitals"),
        ("The CMS can look at it.", "“CMS”"),
        ("A father can ask here.", "stands alone"),
        (LONG, "102 words; 80"),
        (MANY_WORDS, "23 words; 20"),
        (HARD, "reads at grade"),
        ("Where is it? When is it?", "2 questions"),
        ("It is {mystery} a week.", "nothing fills the blank {mystery}"),
        ("Call 0800 123 4567 for help.", "no number that the directory shows"),
    ],
)
def test_a_sentence_that_should_not_be_said(tmp_path, text, says):
    [finding] = [f for f in found(project(tmp_path, wording=plain(text)), "domain/wording") if says in f.message]
    assert finding.line == 4


@pytest.mark.parametrize(
    "text",
    [
        "Your ex-partner can apply as well.",
        "You do not have to pay for advice.",
        "As soon as you write, the team sees it.",
        "An easy read copy is there.",
        "The court may have made a contact order.",
        "Fathers and mothers can both ask here.",
        "Samaritans listen at any hour: 116 123.",
        "The Child Maintenance Service, or CMS, can look at it.",
    ],
)
def test_a_sentence_that_may_be_said(tmp_path, text):
    assert found(project(tmp_path, wording=plain(text)), "domain/wording") == []


def test_a_word_may_be_allowed_in_one_place_and_not_in_another(tmp_path):
    wording = words(
        "  utter_housing:",
        '    - text: "You must act by the date on the order."',
        '      metadata: {allow: ["you must act by the date"]}',
        "  utter_legal:",
        '    - text: "You must act by the date on the order."',
    )
    [finding] = found(project(tmp_path, wording=wording), "domain/wording")
    assert finding.line == 7


def test_old_names_stay_where_the_old_agency_is_explained(tmp_path):
    text = "The Child Support Agency ran the older schemes."
    assert found(project(tmp_path, wording=plain(text, "utter_legacy.csa")), "domain/wording")[0].severity == "warning"
    assert any(
        "Child Support Agency" in f.message for f in found(project(tmp_path, wording=plain(text)), "domain/wording")
    )


def test_the_line_of_a_sentence_in_a_longer_text(tmp_path):
    wording = words(
        "  utter_housing:", "    - text: |-", "        The home comes first.", "", "        It is just the home."
    )
    [finding] = found(project(tmp_path, wording=wording), "domain/wording")
    assert (finding.path, finding.line) == ("domain/wording/words.yml", 7)


def test_yaml_that_cannot_be_read_is_named_with_its_line(tmp_path):
    [finding] = found(project(tmp_path, wording='responses:\n  utter_housing:\n    - text: "open\n'), "domain/wording")
    assert finding.severity == "error" and finding.line >= 3 and "YAML" in finding.message


def test_a_key_that_is_written_twice(tmp_path):
    root = project(tmp_path, wording=SOUND, more_wording=SOUND)
    [finding] = found(root, "domain/wording")
    assert "already has its words in domain/wording/more.yml, line 4" in finding.message


def test_a_key_without_words_for_everybody_else(tmp_path):
    wording = words(
        "  utter_housing:", "    - condition: [{type: slot, name: again, value: true}]", '      text: "The home again."'
    )
    [finding] = found(project(tmp_path, wording=wording), "domain/wording")
    assert "without a condition" in finding.message


def test_the_same_conditions_twice(tmp_path):
    wording = words("  utter_housing:", '    - text: "The home comes first."', '    - text: "The home is first."')
    [finding] = found(project(tmp_path, wording=wording), "domain/wording")
    assert finding.line == 5 and "never said" in finding.message


DOMAIN = """\
    intents: [housing]
    slots:
      nation: {type: categorical, values: [england, wales]}
      worry: {type: categorical, values: [house]}
      abuse_mentioned: {type: bool}
    actions: [action_hand_over]
"""


@pytest.mark.parametrize(
    ("condition", "says"),
    [("mood, value: sad", "no slot is called “mood”"), ("nation, value: france", "“nation” is never “france”")],
)
def test_a_condition_that_cannot_be_met(tmp_path, condition, says):
    wording = SOUND + f'    - condition: [{{type: slot, name: {condition}}}]\n      text: "The home comes first."\n'
    [finding] = found(project(tmp_path, wording=wording, domain=DOMAIN), "domain/wording")
    assert says in finding.message and finding.line == 8


def test_a_rule_or_a_program_that_says_a_key_without_words(tmp_path):
    root = project(
        tmp_path,
        wording=SOUND,
        domain=DOMAIN,
        rules="""\
            rules:
            - rule: home
              steps:
              - intent: housing
              - action: utter_hose
            """,
        code='"""About utter_nothing."""\n\nKEY = "utter_notice"\n',
    )
    assert [(f.path, f.line) for f in found(root) if "has no words in" in f.message] == [
        ("chat_server/notices.py", 3),
        ("stories/rules/rules.yml", 5),
    ]


def test_words_that_nothing_says(tmp_path):
    wording = (
        SOUND + '  utter_service_waiting_long:\n    - text: "Still here."\n  utter_lost:\n    - text: "Still here."\n'
    )
    root = project(tmp_path, wording=wording, code='def key(what):\n    return f"utter_service_{what}_long"\n')
    unsaid = [f for f in found(root, "domain/wording") if "Nothing says" in f.message]
    assert [(f.line, f.severity) for f in unsaid] == [(11, "warning")]


def test_a_blank_that_the_program_fills(tmp_path):
    wording = plain("The sum is {weekly} a week.", "utter_estimate_result")
    filled = project(tmp_path / "filled", wording=wording, code='say("utter_estimate_result", weekly=3)\n')
    empty = project(tmp_path / "empty", wording=wording, code='say("utter_estimate_result", yearly=3)\n')
    template = project(
        tmp_path / "template", wording=wording, template='<p>{{ words("estimate_result", weekly=sum) }}</p>\n'
    )
    assert found(filled, "domain/wording") == found(template, "domain/wording") == []
    assert [f.message for f in found(empty, "domain/wording")] == [
        "utter_estimate_result: nothing fills the blank {weekly}."
    ]


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        ("/hosing", "no topic"),
        ('/housing{"nation": "france"}', "cannot be"),
        ('/housing{"mood": "sad"}', "no slot"),
        ("/housing{nation}", "not valid"),
        ("!dance", "must be /topic"),
        ("!leave_message", "only while a parent waits"),
        ("say:Hello", "greeting"),
    ],
)
def test_a_button_that_leads_nowhere(tmp_path, payload, says):
    wording = SOUND.replace('"!human"', f"'{payload}'")
    [finding] = found(project(tmp_path, wording=wording, domain=DOMAIN), "domain/wording")
    assert says in finding.message and finding.line == 7


def test_too_many_buttons_and_the_same_one_twice(tmp_path):
    more = '        - title: "Talk to a person"\n          payload: "!human"\n' * 3
    messages = [f.message for f in found(project(tmp_path, wording=SOUND + more), "domain/wording")]
    assert any("4 buttons" in m for m in messages) and any("two buttons" in m for m in messages)


def test_a_question_about_safety_says_what_a_plain_yes_means(tmp_path):
    def said(metadata: str) -> list[tuple[int, str]]:
        wording = words("  utter_housing:", '    - text: "Is anything unsafe right now?"', *([f"      metadata: {metadata}"] if metadata else []))
        return [(f.line, f.message) for f in found(project(tmp_path, wording=wording, domain=DOMAIN), "domain/wording")]

    assert said("{yes_means: /housing}") == []
    [(line, message)] = said("")
    assert line == 4 and "plain “yes”" in message
    [(line, message)] = said("{yes_means: /hosing}")
    assert line == 4 and "no topic" in message


def test_words_for_one_parent_alone_are_found(tmp_path):
    slots = DOMAIN.replace("slots:\n", "slots:\n      role: {type: categorical, values: [paying, receiving]}\n")
    for_one = ["    - condition: [{type: slot, name: role, value: paying}]", '      text: "You pay."']
    wording = words("  utter_housing:", '    - text: "The home comes first."', *for_one)
    [finding] = found(project(tmp_path, wording=wording, domain=slots), "domain/wording")
    assert finding.line == 5 and "none for the receiving one" in finding.message


def test_a_long_answer_without_a_short_one_is_found(tmp_path):
    wording = plain("We look at the home first. " * 9 + "That is all.", "utter_statutory.fees")
    assert any("asks again" in f.message for f in found(project(tmp_path, wording=wording), "domain/wording"))


def test_a_conversation_test_counts_whether_it_is_code_or_data(tmp_path):
    (tmp_path / "tests/conversations").mkdir(parents=True)
    (tmp_path / "tests/conversations/test_home.py").write_text('def test_home(chat):\n    chat.choose("/housing")\n')
    untried = [f.message for f in found(project(tmp_path, wording=SOUND)) if "tries the topic" in f.message]
    assert not any("housing" in message for message in untried) and any("legal." in message for message in untried)


def test_no_estimate_after_a_worry(tmp_path):
    wording = SOUND.replace('"!human"', "/estimate.start")
    [finding] = found(project(tmp_path, wording=wording), "domain/wording")
    assert finding.line == 7 and "after a worry" in finding.message


def test_nothing_leads_to_the_other_parent_after_a_mention_of_abuse(tmp_path):
    wording = words(
        "  utter_options.overview:",
        '    - text: "There are three ways."',
        "    - condition: [{type: slot, name: abuse_mentioned, value: true}]",
        '      text: "You do not have to speak to anybody."',
        "      buttons:",
        '        - title: "A neutral person"',
        "          payload: /signpost.mediation",
    )
    errors = [
        f for f in found(project(tmp_path, wording=wording, domain=DOMAIN), "domain/wording") if f.severity == "error"
    ]
    assert [f.line for f in errors] == [9]


def test_safety_is_not_overruled_by_a_closer_variation(tmp_path):
    safe = [
        "    - condition: [{type: slot, name: abuse_mentioned, value: true}]",
        '      text: "Your safety comes first."',
    ]
    nation = [
        "    - condition: [{type: slot, name: nation, value: wales}]",
        '      text: "In Wales there are two ways."',
    ]
    key = ["  utter_housing:", '    - text: "There are two ways."']
    good = project(tmp_path / "good", wording=words(*key, *safe, *nation), domain=DOMAIN)
    bad = project(tmp_path / "bad", wording=words(*key, *nation, *safe), domain=DOMAIN)
    assert found(good, "domain/wording") == []
    [finding] = found(bad, "domain/wording")
    assert finding.line == 5 and "would still be said" in finding.message


def test_what_is_promised_in_welsh_is_there_and_agrees(tmp_path):
    english = ["  utter_service_truncated:", '    - text: "Only {limit} are kept. Call 999."']
    welsh = [
        "    - condition: [{type: slot, name: lang, value: cy}]",
        '      text: "Cedwir rhai yn unig. Ffoniwch 999."',
    ]
    code = 'KEY = "utter_service_truncated"\n'
    slots = DOMAIN.replace("slots:\n", "slots:\n      lang: {type: categorical, values: [en, cy]}\n")
    missing = project(tmp_path / "missing", wording=words(*english), code=code, domain=slots)
    differs = project(tmp_path / "differs", wording=words(*english, *welsh), code=code, domain=slots)
    assert [f.message for f in found(missing, "domain/wording") if "promised in Welsh" in f.message]
    assert [f.line for f in found(differs, "domain/wording") if "blanks in Welsh" in f.message] == [6]


def test_help_in_danger_is_short_and_begins_with_a_number(tmp_path):
    late = plain("It is a long way. " * 12 + "Call 999.", "utter_urgent_self_harm")
    none = plain("Help is there.", "utter_urgent_self_harm")
    assert any(
        "after more than 40 words" in f.message
        for f in found(project(tmp_path / "late", wording=late), "domain/wording")
    )
    assert any(
        "does not give 999" in f.message for f in found(project(tmp_path / "none", wording=none), "domain/wording")
    )


def test_facts_have_a_source_and_are_looked_at_in_time(tmp_path):
    def stated(metadata: str) -> list[str]:
        wording = words(
            "  utter_statutory.fees:",
            '    - text: "Applying is free."',
            *([f"      metadata: {metadata}"] if metadata else []),
        )
        return [f.message for f in found(project(tmp_path, wording=wording), "domain/wording")]

    assert stated("") == ["utter_statutory.fees: name its sources and their date (metadata: sources, as_of)."]
    assert stated('{sources: ["GOV.UK"], as_of: "2019-06"}') == [
        "utter_statutory.fees rests on facts of 2019-06: look at them again."
    ]
    assert stated('{sources: ["GOV.UK"], as_of: "last year"}') == [
        "utter_statutory.fees: “last year” is no date; write 2026 or 2026-11."
    ]


def test_topics_without_words_examples_or_a_conversation(tmp_path):
    root = project(
        tmp_path,
        wording=SOUND,
        domain=DOMAIN,
        nlu="nlu:\n- intent: housing\n  examples: |\n    - i have to leave my house\n",
        conversation="stories:\n- story: home\n  steps:\n  - user: i have to leave\n    intent: housing\n",
    )
    about = [f.message for f in found(root) if "topic" in f.message]
    assert "The topic legal has no words: write utter_legal." in about
    assert "The topic legal has no examples of what parents say in nlu/." in about
    assert "No conversation in tests/conversations/ tries the topic legal." in about
    assert "The topic housing has no label: write utter_label_housing." in about
    assert not [m for m in about if "housing" in m and ("no words" in m or "no examples" in m or "tries" in m)]


def test_an_example_with_two_meanings(tmp_path):
    nlu = """\
        nlu:
        - intent: housing
          examples: |
            - she wants me out
        - intent: legal
          examples: |
            - i got a letter
            - She wants me out.
        """
    [finding] = [f for f in found(project(tmp_path, nlu=nlu), "nlu")]
    assert finding.line == 8 and "nlu/topics.yml, line 4" in finding.message


def test_a_topic_or_an_action_that_does_not_exist(tmp_path):
    root = project(
        tmp_path,
        domain=DOMAIN,
        nlu="nlu:\n- intent: hosing\n  examples: |\n    - out\n",
        rules="rules:\n- rule: home\n  steps:\n  - intent: housing\n  - action: action_hand_oven\n",
    )
    assert [f.message for f in found(root, "nlu")] == ["There is no topic “hosing”."]
    assert [f.message for f in found(root, "stories")] == ["The domain has no action “action_hand_oven”."]


def test_words_outside_the_wording_folder(tmp_path):
    root = project(tmp_path, domain='responses:\n  utter_housing:\n    - text: "The home."\n')
    assert "belongs in domain/wording/" in found(root, "domain/_shared.yml")[0].message


def test_the_command_prints_places_and_fails_only_for_errors(tmp_path, capsys):
    root = project(tmp_path, wording=plain("You should go!"))
    assert main(["--root", str(root), "--no-warnings"]) == 1
    printed = capsys.readouterr().out
    assert "domain/wording/words.yml:4: error: No exclamation marks." in printed
    assert ": warning:" not in printed


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("home", 1),
        ("maintenance", 3),
        ("arrangement", 3),
        ("someone", 2),
        ("anyone", 3),
        ("paying", 2),
        ("agreed", 2),
        ("999", 1),
    ],
)
def test_syllables(word, count):
    assert reading.syllables(word) == count


def test_names_are_left_out_of_the_reading_age():
    text = "The Independent Case Examiner can look at it. You can write to them."
    assert reading.grade(text, ["Independent Case Examiner"]) < reading.grade(text) - 2


def test_an_avoided_word_inside_another_is_left_alone():
    assert not list(avoid.find("Justice, shelter and others this winter.", "utter_housing"))
    assert [hit.words for hit in avoid.find("Show this to her, and win.", "utter_housing")] == ["her", "win"]
